package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.CapturedNode;
import io.plumbline.Unprivileged;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Reading;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodsFileTest {

    @TempDir
    private Path directory;

    @Test
    void readsASavedAnswer() throws Exception {
        Path file = CapturedNode.kubernetes().resolve("kubelet-pods.json");
        DeclaredNode node = PodsFile.read(file);
        assertThat(node.source()).isEqualTo(file.toString());
        assertThat(node.nodeName()).contains("node1");
        assertThat(node.pods()).hasSize(20);
        assertThat(node.kubelet()).isInstanceOf(Reading.Absent.class);
        assertThat(node.warnings()).isEmpty();
    }

    @Test
    void readsThePodsMadeForTheCapturedContainers() throws Exception {
        DeclaredNode node = PodsFile.read(CapturedNode.file("pods.json"));
        assertThat(node.pods()).isNotEmpty();
        assertThat(node.pods()).extracting(DeclaredPod::uid).doesNotHaveDuplicates();
    }

    @Test
    void missingFileIsSaid() {
        Path file = directory.resolve("pods.json");
        assertRefused(file, file + ": no such file; save one with 'kubectl get pods -A -o json'");
    }

    @Test
    void directoryIsSaid() {
        assertRefused(directory, directory + ": a directory; expected a file with a list of pods as JSON");
    }

    @Test
    void emptyFileIsSaid() throws Exception {
        Path file = Files.createFile(directory.resolve("pods.json"));
        assertRefused(file, file + ": empty; expected a list of pods as JSON");
    }

    @Test
    void malformedFileIsSaidWithItsPlace() throws Exception {
        Path file = Files.writeString(directory.resolve("pods.json"), "{\"kind\": \"PodList\",\n \"items\": [}");
        assertThatThrownBy(() -> PodsFile.read(file))
                .isInstanceOf(KubeletException.class)
                .hasMessageStartingWith(file + ": not a list of pods: at line 2, column 13");
    }

    @Test
    void nameOfTheFileCannotForgeALine() throws Exception {
        Path file = Files.createFile(directory.resolve("pods\n\u001b[2Jok.json"));
        assertThatThrownBy(() -> PodsFile.read(file))
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("pods\\n\\u001b[2Jok.json: empty");
    }

    @Test
    void unreadableFileIsSaidWithItsErrno() throws Exception {
        Path file = Files.createFile(
                directory.resolve("pods.json"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        Unprivileged.call(() -> {
            assertRefused(file, file + ": permission denied (EACCES); make it readable for this user");
            return true;
        });
    }

    @Test
    void fileThatTheKernelWillNotReadIsSaid() {
        // Its first page is never mapped.
        Path memory = Path.of("/proc/self/mem");
        assertThatThrownBy(() -> PodsFile.read(memory))
                .isInstanceOf(KubeletException.class)
                .hasMessageStartingWith(memory + ": reading failed: 'Input/output error'");
    }

    private static void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> PodsFile.read(file))
                .isInstanceOf(KubeletException.class)
                .hasMessage(message);
    }
}
