package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kernel.bindings.FileStatus;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostRootTest {

    private final Scratch scratch = new Scratch();
    private final Path directory = scratch.directory();
    private Path root;
    private HostRoot host;

    @BeforeEach
    void makeRoot() throws IOException {
        root = Files.createDirectories(directory.resolve("root"));
        host = new HostRoot(new KernelFiles(), Optional.of(KernelFiles.byteString(root)));
        Files.createDirectories(root.resolve("var/lib/upper/bin"));
        Files.writeString(root.resolve("var/lib/upper/bin/x"), "");
    }

    @AfterEach
    void delete() {
        scratch.close();
    }

    private void link(String link, String target) throws IOException {
        Files.createDirectories(root.resolve(link).getParent());
        Files.createSymbolicLink(root.resolve(link), Path.of(target));
    }

    private void assertFound(String upper) {
        assertThat(host.lookUp(upper, "/bin/x").map(FileStatus::isRegular)).isEqualTo(Reading.of(true));
    }

    @Test
    void findsAFileOrSaysThatItIsNotThere() {
        assertFound("/var/lib/upper");
        assertThat(host.lookUp("/var/lib/upper", "/bin/y")).isEqualTo(new Reading.Absent<>("/var/lib/upper/bin/y"));
        assertThat(host.lookUp("/var/lib/upper", "/sbin/y")).isEqualTo(new Reading.Absent<>("/var/lib/upper/sbin/y"));
    }

    @Test
    void layerThatIsNotThereSaysNothing() {
        assertThat(host.lookUp("/var/lib/gone", "/bin/x"))
                .isEqualTo(new Reading.Unreadable<>("/var/lib/gone", "ENOENT"));
    }

    @Test
    void linksOfTheHostAreFollowedBelowItsRoot() throws IOException {
        link("absolute", "/var/lib");
        link("var/relative", "lib");
        link("var/lib/up", "../../var/./lib/upper");
        link("escape", "../../../../var/lib/upper");
        link("two", "/absolute/up");
        assertFound("/absolute/upper");
        assertFound("/var/relative/upper");
        assertFound("/var/lib/up");
        assertFound("/escape");
        assertFound("/two");
        assertFound("/var/../var/lib/upper");
    }

    @Test
    void loopOfLinksEnds() throws IOException {
        link("a", "b");
        link("b", "/a");
        assertThat(host.lookUp("/a", "/bin/x")).isEqualTo(new Reading.Unreadable<>("/a", "ELOOP"));
    }

    /** The workload owns the layer: a link in it could lead the reader anywhere. */
    @Test
    void linksInTheLayerAreNotFollowed() throws IOException {
        link("var/lib/upper/sbin", "bin");
        link("var/lib/upper/bin/y", "x");
        assertThat(host.lookUp("/var/lib/upper", "/sbin/x"))
                .isEqualTo(new Reading.Unreadable<>("/var/lib/upper/sbin/x", "ENOTDIR"));
        assertThat(host.lookUp("/var/lib/upper", "/bin/y").map(FileStatus::isRegular))
                .isEqualTo(Reading.of(false));
    }

    @Test
    void nameOfAnyBytesIsFound() throws IOException {
        String bytes = KernelFiles.byteString("ä ü");
        Files.writeString(root.resolve("var/lib/upper/ä ü"), "");
        assertThat(host.lookUp("/var/lib/upper", "/" + bytes).observed()).isPresent();
        assertThat(host.lookUp("/var/lib/upper", "/\u00ff")).isEqualTo(new Reading.Absent<>("/var/lib/upper/\ufffd"));
        assertThat(host.lookUp("/var/lib/upper", "/a\0b")).isInstanceOf(Reading.Unreadable.class);
        assertThat(host.lookUp("/var/lib/upper", "/" + "a".repeat(5000))).isInstanceOf(Reading.Unreadable.class);
    }

    @Test
    void withoutAHostRootNothingIsRead() {
        HostRoot none = new HostRoot(new KernelFiles(), Optional.empty());
        assertThat(none.lookUp("/var/lib/upper", "/bin/x"))
                .isEqualTo(new Reading.Unreadable<>("/var/lib/upper", "the image's file system is not in this tree"));
        assertThat(none.file("/sys/x")).isEqualTo(new Reading.Unreadable<>("/sys/x", "not in this tree"));
        assertThat(none.exists("/")).isFalse();
    }

    @Test
    void noDescriptorStaysOpen() throws IOException {
        link("absolute", "/var/lib");
        for (int i = 0; i < 50; i++) {
            assertFound("/absolute/../lib/upper");
            host.lookUp("/nowhere", "/x");
            host.lookUp("/var/lib/upper", "/no/x");
        }
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(open.filter(fd -> leadsTo(fd, directory))).isEmpty();
        }
    }

    private static boolean leadsTo(Path descriptor, Path target) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(target);
        } catch (IOException e) {
            return false;
        }
    }
}
