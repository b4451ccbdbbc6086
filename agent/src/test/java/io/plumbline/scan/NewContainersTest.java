package io.plumbline.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.WritableCgroups;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.model.Occasion;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.runtime.BundleInventory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between scans bundles are read only where somebody is in a cgroup that nobody was in: a container may have been made. */
class NewContainersTest {

    @TempDir
    Path host;

    private Path cgroup;
    private Process parent;
    private int child;
    private NodeReader reader;
    private NodeScan scan;
    private RuntimeInventory before;

    @BeforeEach
    void scanAndMakeBundle() throws IOException {
        cgroup = Files.createTempDirectory(WritableCgroups.mount(), "plumbline");
        // The second sleep takes the place of the shell, and waits for nobody.
        parent = new ProcessBuilder("sh", "-c", "sleep 60 & echo $!; exec sleep 60").start();
        var output = new BufferedReader(new InputStreamReader(parent.getInputStream(), StandardCharsets.UTF_8));
        child = Integer.parseInt(output.readLine());
        reader = NodeReader.open(ProcRoot.ofThisMachine());
        scan = new NodeScan(reader, Optional.of(new BundleInventory(host)), "node");
        Files.writeString(cgroup.resolve("cgroup.procs"), Integer.toString(child));
        before = scan.run(Optional.empty()).inventory();
        Path bundle = host.resolve("run/containerd/io.containerd.runtime.v2.task/k8s.io/" + "a".repeat(64));
        Files.writeString(Files.createDirectories(bundle).resolve("config.json"), "{}");
    }

    @AfterEach
    void end() throws Exception {
        if (reader != null) {
            reader.close();
        }
        if (parent != null) {
            ProcessHandle.of(child).ifPresent(ProcessHandle::destroyForcibly);
            parent.destroyForcibly().waitFor();
            Awaitility.await()
                    .until(() ->
                            Files.readString(cgroup.resolve("cgroup.procs")).isEmpty());
            Files.delete(cgroup);
        }
    }

    private RuntimeInventory lookAt(int pid) throws IOException {
        return scan.run(Optional.empty(), new Occasion(false, Set.of(pid), Map.of()))
                .inventory();
    }

    /** With both versions of cgroups he alone is where he is shown. */
    @Test
    void whoHasEndedMakesNoContainer() throws IOException {
        ProcessHandle.of(child).orElseThrow().destroyForcibly();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> isZombie(child));
        assertThat(lookAt(child)).isSameAs(before);
    }

    @Test
    void whoIsWhereNobodyWasMayBeOfANewOne() throws IOException {
        Path other = Files.createDirectory(cgroup.resolve("other"));
        try {
            Files.writeString(other.resolve("cgroup.procs"), Integer.toString(child));
            assertThat(lookAt(child)).isNotEqualTo(before);
        } finally {
            Files.writeString(cgroup.resolve("cgroup.procs"), Integer.toString(child));
            Files.delete(other);
        }
    }

    private static boolean isZombie(int pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/status")).contains("State:\tZ");
    }
}
