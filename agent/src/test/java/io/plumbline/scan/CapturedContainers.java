package io.plumbline.scan;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.CapturedNode;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.ScanReport;
import io.plumbline.runtime.BundleInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Nodes made of captured processes, each with its pods, its OCI bundles and the profiles that AppArmor had loaded: what was captured
 * in one boot is one node, and a node that is itself a container is another.
 */
final class CapturedContainers {

    private static final Path CASES = CapturedNode.containers();

    /** Not in a directory of JUnit's, which complains about links that lead out of it: these do. */
    private static final Path NODES = Path.of("target/captured-containers");

    private final JsonNode manifest;
    private final Map<String, ScanReport> reports = new TreeMap<>();

    CapturedContainers() throws IOException, KubeletException {
        manifest = new ObjectMapper()
                .readTree(CapturedNode.file("manifest.json").toFile())
                .get("cases");
        Map<String, List<String>> nodes = new TreeMap<>();
        manifest.fieldNames()
                .forEachRemaining(name -> nodes.computeIfAbsent(nodeOf(name), key -> new ArrayList<>())
                        .add(name));
        delete(NODES);
        for (Map.Entry<String, List<String>> node : nodes.entrySet()) {
            reports.put(node.getKey(), scan(NODES.resolve(node.getKey()), node.getValue()));
        }
    }

    Stream<String> names() {
        List<String> names = new ArrayList<>();
        manifest.fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    /** What the manifest says of a case. */
    JsonNode manifest(String name) {
        return manifest.get(name);
    }

    ScanReport report(String name) {
        ScanReport report = reports.get(nodeOf(name));
        if (report == null) {
            throw new IllegalArgumentException(name);
        }
        return report;
    }

    private String nodeOf(String name) {
        if (name.equals("cgroup-kind")) {
            return "kind";
        }
        return manifest.get(name).path("hostNamespacesFrom").asText(name).equals("host-init-v1") ? "v1" : "v2";
    }

    private ScanReport scan(Path node, List<String> cases) throws IOException, KubeletException {
        Path root = node.resolve("root");
        Path proc = node.resolve("proc");
        write(root.resolve("sys/module/apparmor/parameters/enabled"), "Y\n");
        write(
                root.resolve("sys/kernel/security/apparmor/profiles"),
                Files.readString(CapturedNode.file("apparmor-profiles.txt")));
        write(proc.resolve("sys/kernel/cap_last_cap"), "40\n");
        write(proc.resolve("stat"), "btime 1795212000\n");
        write(proc.resolve("uptime"), "600.00 600.00\n");
        if (cases.stream().noneMatch(name -> name.startsWith("host-init"))) {
            process(proc, "host-init");
        }
        for (String name : cases) {
            process(proc, name);
            bundle(root, name);
        }
        try (NodeReader reader = NodeReader.open(ProcRoot.at(proc).withHostRoot(root))) {
            return new NodeScan(reader, Optional.of(new BundleInventory(root)), "vm-rig")
                    .run(Optional.of(new PodsFile(CapturedNode.file("pods.json")).read()));
        }
    }

    /** The directory of a process as the kernel has it: what is a link there was captured as text. */
    private static void process(Path proc, String name) throws IOException {
        Path from = CASES.resolve(name);
        Path to = proc.resolve(Files.readString(from.resolve("pid")).strip());
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                Files.createDirectories(copy.getParent());
                if (from.relativize(file).startsWith("ns")) {
                    link(copy, Files.readString(file).strip());
                } else {
                    Files.copy(file, copy);
                }
            }
        }
        for (String link : Files.readAllLines(from.resolve("links.txt"))) {
            String[] words = link.split(" ", 2);
            link(to.resolve(words[0]), words[1]);
        }
    }

    /** A process that is ending, or the kernel's own, has links that lead nowhere. */
    private static void link(Path link, String target) throws IOException {
        if (!target.isEmpty()) {
            Files.createSymbolicLink(link, Path.of(target));
        }
    }

    private void bundle(Path root, String name) throws IOException {
        Path config = CASES.resolve(name).resolve("config.json");
        if (Files.exists(config)) {
            String id = manifest.get(name).at("/observed/cgroup/containerId").asText();
            write(
                    root.resolve("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json"),
                    Files.readString(config));
        }
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
