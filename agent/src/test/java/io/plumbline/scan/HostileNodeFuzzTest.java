package io.plumbline.scan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.CapturedNode;
import io.plumbline.Fuzz;
import io.plumbline.Noise;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Finding;
import io.plumbline.model.ScanReport;
import io.plumbline.report.JsonReport;
import io.plumbline.report.Paint;
import io.plumbline.report.TableReport;
import io.plumbline.runtime.BundleInventory;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The whole way from the kernel's files to the report, with files of a captured node spoiled: it is a report, whatever they say. */
@Tag("fuzz")
class HostileNodeFuzzTest {

    private static final List<String> FILES = List.of(
            "stat",
            "status",
            "cgroup",
            "mountinfo",
            "uid_map",
            "gid_map",
            "cmdline",
            "attr/current",
            "attr/apparmor/current");
    private static final List<String> WORDS = List.of(
            "\n",
            "\t",
            " ",
            ":",
            "/",
            "..",
            "0",
            "1000",
            "Uid:\t0\t0\t0\t0\n",
            "Groups:\t",
            "CapBnd:\t000001ffffffffff\n",
            "Seccomp:\t0\n",
            "NoNewPrivs:\t0\n",
            "NSpid:\t1\n",
            "Threads:\t2\n",
            "0::/kubepods/burstable/pod",
            "/docker/",
            ".slice/",
            "cri-containerd-",
            "/..",
            " / / rw - overlay overlay rw,upperdir=/x\n",
            " - tmpfs tmpfs rw",
            "ro,",
            "upperdir=",
            " (complain)\n",
            "unconfined\n",
            "/memfd:x (deleted)",
            "runc\0init\0");

    private Path directory;

    @BeforeEach
    void make() throws IOException {
        directory = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "hostile-");
    }

    @AfterEach
    void remove() throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    void anyNodeHasAReport() throws Exception {
        Path proc = directory.resolve("proc");
        copy(CapturedNode.kubernetes().resolve("proc"), proc);
        List<Path> processes;
        try (Stream<Path> all = Files.list(proc)) {
            processes = all.filter(path -> path.getFileName().toString().matches("\\d+"))
                    .sorted()
                    .toList();
        }
        DeclaredNode declared = new PodsFile(CapturedNode.kubernetes().resolve("kubelet-pods.json")).read();
        try (NodeReader kernel = NodeReader.open(ProcRoot.at(proc).withHostRoot(CapturedNode.kubernetesBundles()))) {
            NodeScan scan = new NodeScan(
                    kernel, Optional.of(new BundleInventory(CapturedNode.kubernetesBundles())), "captured");
            Fuzz.of("hostile node").within(Duration.ofSeconds(10), 256 << 20).rounds(25, noise -> {
                Map<Path, byte[]> before = new HashMap<>();
                for (int changes = 1 + noise.below(30); changes > 0; changes--) {
                    spoil(noise.one(processes).resolve(noise.one(FILES)), noise, before);
                }
                try {
                    assertWhole(scan.run(noise.once(8) ? Optional.empty() : Optional.of(declared)));
                } finally {
                    for (Map.Entry<Path, byte[]> file : before.entrySet()) {
                        Files.write(file.getKey(), file.getValue());
                    }
                }
            });
        }
    }

    private static void spoil(Path file, Noise noise, Map<Path, byte[]> before) throws IOException {
        if (Files.exists(file)) {
            byte[] real = Files.readAllBytes(file);
            before.putIfAbsent(file, real);
            Files.write(file, noise.once(10) ? noise.bytes(500) : noise.spoiled(real, WORDS));
        }
    }

    private static void assertWhole(ScanReport report) throws IOException {
        StringWriter json = new StringWriter();
        new JsonReport("https://docs.example").write(report, json);
        assertThat(new JsonMapper().readTree(json.toString()).path("summary").isObject())
                .isTrue();
        assertPrintable(json.toString());
        List<String> table = new TableReport(100, Paint.OFF).lines(report);
        assertPrintable(String.join("\n", table));
        List<String> ids = new ArrayList<>();
        report.findings().stream().map(Finding::id).forEach(ids::add);
        assertThat(ids).doesNotHaveDuplicates();
    }

    private static void assertPrintable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' || c > '~') && c != '\n') {
                int start = text.lastIndexOf('\n', i) + 1;
                throw new AssertionError((int) c + " in: " + text.substring(start, text.indexOf('\n', i)));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, LinkOption.NOFOLLOW_LINKS);
                }
            }
        }
    }
}
