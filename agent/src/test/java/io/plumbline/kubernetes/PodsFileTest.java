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
        DeclaredNode node = new PodsFile(file).read();
        assertThat(node.source()).isEqualTo(file.toString());
        assertThat(node.nodeName()).contains("node1");
        assertThat(node.pods()).hasSize(20);
        assertThat(node.kubelet()).isInstanceOf(Reading.Absent.class);
        assertThat(node.warnings()).isEmpty();
    }

    @Test
    void readsThePodsMadeForTheCapturedContainers() throws Exception {
        DeclaredNode node = new PodsFile(CapturedNode.file("pods.json")).read();
        assertThat(node.pods()).isNotEmpty();
        assertThat(node.pods()).extracting(DeclaredPod::uid).doesNotHaveDuplicates();
    }

    @Test
    void whatWasMadeOfAFileIsKeptUntilItIsWrittenAgain() throws Exception {
        Path saved = Files.copy(CapturedNode.file("pods.json"), directory.resolve("pods.json"));
        PodsFile file = new PodsFile(saved);
        DeclaredNode first = file.read();
        assertThat(file.read()).isSameAs(first);

        Files.writeString(saved, Files.readString(saved).replace("\"namespace\": \"", "\"namespace\": \"x"));
        DeclaredNode second = file.read();
        assertThat(second.pods()).hasSameSizeAs(first.pods()).isNotEqualTo(first.pods());

        Files.delete(saved);
        assertThatThrownBy(file::read).hasMessageContaining("no such file");
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
        assertThatThrownBy(() -> new PodsFile(file).read())
                .isInstanceOf(KubeletException.class)
                .hasMessageStartingWith(file + ": not a list of pods: at line 2, column 13");
    }

    @Test
    void nameOfTheFileCannotForgeALine() throws Exception {
        Path file = Files.createFile(directory.resolve("pods\n\u001b[2Jok.json"));
        assertThatThrownBy(() -> new PodsFile(file).read())
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
        assertThatThrownBy(() -> new PodsFile(memory).read())
                .isInstanceOf(KubeletException.class)
                .hasMessageStartingWith(memory + ": reading failed: 'Input/output error'");
    }

    private static void assertRefused(Path file, String message) {
        assertThatThrownBy(() -> new PodsFile(file).read())
                .isInstanceOf(KubeletException.class)
                .hasMessage(message);
    }
}
