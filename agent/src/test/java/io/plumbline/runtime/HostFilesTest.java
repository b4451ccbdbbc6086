package io.plumbline.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.runtime.HostFiles.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFilesTest {

    @TempDir
    private Path directory;

    private FakeHost host;
    private HostFiles files;

    @BeforeEach
    void host() throws Exception {
        host = new FakeHost(directory.resolve("host"));
        host.file("/etc/real", "inside").file("/a/b/c/file", "deep");
        Files.writeString(directory.resolve("secret"), "outside");
        files = new HostFiles(host.root());
    }

    @AfterEach
    void unlink() throws Exception {
        host.removeLinks();
    }

    @Test
    void absoluteLinkStartsAtTheHostsRoot() throws Exception {
        host.link("/a/absolute", "/etc/real");
        assertThat(text("/a/absolute")).isEqualTo("inside");
        assertThat(files.realPath("/a/absolute")).contains("/etc/real");
    }

    @Test
    void relativeLinkStartsAtItsDirectory() throws Exception {
        host.link("/a/b/relative", "c/../c/./file").link("/a/up", "../../../../a/b/c");
        assertThat(text("/a/b/relative")).isEqualTo("deep");
        assertThat(text("/a/up/file")).isEqualTo("deep");
        assertThat(files.realPath("/a/up/../c/file")).contains("/a/b/c/file");
    }

    @Test
    void nothingLeadsOutOfTheRoot() throws Exception {
        host.link("/a/out", "../../secret").link("/a/far", "/../../secret");
        for (String path : new String[] {"/a/out", "/a/far", "/../secret", "/../../../../../../etc/../../secret"}) {
            assertThat(files.read(path, 100)).as(path).isEmpty();
        }
    }

    @Test
    void circleOfLinksEnds() throws Exception {
        host.link("/a/one", "two").link("/a/two", "/a/one");
        assertThatThrownBy(() -> files.read("/a/one", 100)).isInstanceOfSatisfying(UnreadableException.class, e -> {
            assertThat(e.path()).isEqualTo("/a/one");
            assertThat(e.why()).isEqualTo("ELOOP");
        });
    }

    @Test
    void whatIsMissingIsEmpty() throws Exception {
        host.link("/a/dangling", "/nowhere");
        for (String path : new String[] {"/nowhere", "/etc/real/below", "/a/dangling", "/a/dangling/x"}) {
            assertThat(files.read(path, 100)).as(path).isEmpty();
            assertThat(files.list(path)).as(path).isEmpty();
            assertThat(files.realPath(path)).as(path).isEmpty();
        }
        assertThat(files.list("/etc/real")).as("a file").isEmpty();
    }

    @Test
    void namesComeInOrder() throws Exception {
        host.file("/d/b", "").file("/d/a", "").file("/d/c/x", "");
        assertThat(files.list("/d")).containsExactly("a", "b", "c");
    }

    @Test
    void limitIsTheLargestThatIsRead() throws Exception {
        assertThat(files.read("/etc/real", 6)).isPresent();
        assertThatThrownBy(() -> files.read("/etc/real", 5)).hasMessage("/etc/real: larger than 5 bytes");
    }

    @Test
    void directoryIsNoFile() {
        assertThatThrownBy(() -> files.read("/etc", 100)).hasMessage("/etc: not a regular file");
    }

    private String text(String path) throws Exception {
        return new String(files.read(path, 100).orElseThrow(), StandardCharsets.UTF_8);
    }
}
