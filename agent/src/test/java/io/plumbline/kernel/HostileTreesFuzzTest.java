package io.plumbline.kernel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Fuzz;
import io.plumbline.Noise;
import io.plumbline.model.NodeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A whole tree of spoiled files: the C library and Java read the same, again and again, while the files change under them. */
@Tag("fuzz")
class HostileTreesFuzzTest {

    private static final int PROCESSES = 6;
    private static final List<String> FILES =
            List.of("stat", "status", "cgroup", "mountinfo", "uid_map", "gid_map", "cmdline", "attr/current");
    private static final List<String> LINKS = List.of("exe", "root", "ns/mnt", "ns/pid", "ns/user", "ns/net");
    private static final List<String> WORDS = List.of(
            " ",
            "\n",
            "\t",
            "(",
            ")",
            ":",
            "-",
            "0",
            "9",
            "\0",
            "Threads:\t2",
            "Uid:\t",
            "Groups:\t",
            "State:\tZ",
            "S 1",
            "0::/",
            "/..");

    @Test
    void bothReadersSeeTheSame() throws IOException {
        try (ProcFixture tree = new ProcFixture()) {
            whole(tree);
            try (NodeReader library = NodeReader.open(ProcRoot.at(tree.proc()), Backend.library());
                    NodeReader java = NodeReader.open(ProcRoot.at(tree.proc()), Backend.java())) {
                Fuzz.of("hostile tree").rounds(200, noise -> {
                    whole(tree);
                    for (int changes = 1 + noise.below(8); changes > 0; changes--) {
                        spoil(tree, noise);
                    }
                    NodeSnapshot one = library.snapshot();
                    BackendsAgreeTest.assertSame(one, java.snapshot());
                    assertThat(one.processes().size()
                                    + one.vanished()
                                    + one.unreadable().size())
                            .isLessThanOrEqualTo(2 * PROCESSES);
                });
            }
        }
    }

    private static void whole(ProcFixture tree) throws IOException {
        for (int pid = 1; pid <= PROCESSES; pid++) {
            Path task = tree.process(pid).directory().resolve("task");
            for (int tid = pid; tid <= pid + 1; tid++) {
                Files.deleteIfExists(task.resolve(tid + "/status"));
                Files.deleteIfExists(task.resolve("" + tid));
            }
            Files.deleteIfExists(task);
        }
    }

    private static void spoil(ProcFixture tree, Noise noise) throws IOException {
        int pid = 1 + noise.below(PROCESSES);
        ProcFixture.ProcessDirectory process =
                new ProcFixture.ProcessDirectory(tree.proc().resolve("" + pid));
        if (noise.once(4)) {
            String target = noise.once(2)
                    ? noise.one("mnt", "pid", "user", "net", "x") + ":[" + noise.number() + "]"
                    : noise.text().replace("\0", "").replace('\ud800', 'x');
            process.link(noise.one(LINKS), target.isEmpty() || target.length() > 200 ? "/x" : target);
        } else {
            String name = noise.once(5) ? "task/" + (pid + noise.below(2)) + "/status" : noise.one(FILES);
            Path file = process.directory().resolve(name);
            String model = name.contains("attr")
                    ? "cri-containerd.apparmor.d (enforce)\n"
                    : name.equals("stat")
                            ? ProcFixture.stat(pid, "sleep", 'S', 1 + noise.below(2))
                            : ProcFixture.model(name.substring(name.lastIndexOf('/') + 1));
            Files.createDirectories(file.getParent());
            Files.write(file, noise.spoiled(model.getBytes(ISO_8859_1), WORDS));
        }
    }
}
