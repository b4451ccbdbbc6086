package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.ExecutableOrigin.Kind;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where executables come from, by captured mount tables and layers that the test lays under them. */
class ExecutablesTest {

    private static final String UPPER = "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/39/fs";

    private final Scratch host = new Scratch();
    private final ProcFixture tree = new ProcFixture();

    @AfterEach
    void delete() {
        host.close();
        tree.close();
    }

    private Path inHost(String path) throws IOException {
        Path file = host.directory().resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        return file;
    }

    private Reading<ExecutableOrigin> origin(Path proc, int pid) throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.at(proc).withHostRoot(host.directory()), Backend.java())) {
            return Child.find(reader.snapshot(), pid).orElseThrow().executableOrigin();
        }
    }

    /** Process 7280 of the captured node: its mount table names the upper layer. */
    private Reading<ExecutableOrigin> originOnTheCapturedNode() throws IOException {
        return origin(CapturedNode.kubernetes().resolve("proc"), 7280);
    }

    /** A process with that mount table, and this link. */
    private Reading<ExecutableOrigin> originOf(String executable) throws IOException {
        tree.process(1).namespace("mnt", 4026531840L);
        tree.process(7)
                .file("mountinfo", Files.readString(CapturedNode.kubernetes().resolve("proc/7280/mountinfo")))
                .link("exe", executable)
                .namespace("mnt", 4026532403L);
        return origin(tree.proc(), 7);
    }

    private static Reading<ExecutableOrigin> is(Kind kind, String evidence) {
        return Reading.of(new ExecutableOrigin(kind, evidence));
    }

    @Test
    void fileThatIsNotInTheUpperLayerIsTheImages() throws IOException {
        Files.createDirectories(inHost(UPPER + "/tmp/x"));
        assertThat(originOnTheCapturedNode()).isEqualTo(is(Kind.IMAGE, UPPER + "/bin/busybox: absent"));
    }

    @Test
    void fileInTheUpperLayerWasWrittenByTheContainer() throws IOException {
        Files.writeString(inHost(UPPER + "/bin/busybox"), "");
        assertThat(originOnTheCapturedNode()).isEqualTo(is(Kind.WRITABLE_LAYER, UPPER + "/bin/busybox"));
    }

    @Test
    void layerThatCannotBeFoundIsNotTakenForAnEmptyOne() throws IOException {
        assertThat(originOnTheCapturedNode()).isEqualTo(new Reading.Unreadable<>(UPPER, "ENOENT"));
    }

    @Test
    void directoryThatTheWorkloadReplacedByALinkIsNotFollowed() throws IOException {
        Files.createSymbolicLink(inHost(UPPER + "/bin"), Path.of("/bin"));
        assertThat(originOnTheCapturedNode()).isEqualTo(new Reading.Unreadable<>(UPPER + "/bin/busybox", "ENOTDIR"));
    }

    @Test
    void whatStandsInTheUpperLayerButIsNoFileTellsNothing() throws IOException {
        Files.createDirectories(inHost(UPPER + "/bin/busybox"));
        assertThat(originOnTheCapturedNode())
                .isEqualTo(new Reading.Unreadable<>(UPPER + "/bin/busybox", "is no regular file any more"));
    }

    @Test
    void fileOnAnotherMountIsAVolumes() throws IOException {
        Reading<ExecutableOrigin> origin = originOf("/dev/shm/x");
        assertThat(Parsed.value(origin).kind()).isEqualTo(Kind.VOLUME);
        assertThat(Parsed.value(origin).evidence()).contains(" /dev/shm rw").contains("tmpfs");
    }

    /** bubblewrap puts a root together of parts of the container's: what runs there is the image's all the same. */
    @Test
    void fileOnAPartOfTheRootThatIsMountedOnceMoreIsTheImages() throws IOException {
        String table = Files.readString(CapturedNode.kubernetes().resolve("proc/7280/mountinfo"));
        String overlay = table.lines()
                .filter(line -> line.contains(" - overlay "))
                .findFirst()
                .orElseThrow();
        String device = overlay.split(" ", -1)[2];
        String source = overlay.substring(overlay.indexOf(" - overlay "));
        tree.process(7).file("mountinfo", table).link("exe", "/bin/x").namespace("mnt", 4026532403L);
        tree.process(8)
                .file(
                        "mountinfo",
                        "700 1 0:999 / / rw - tmpfs none rw\n701 700 " + device + " /usr /mnt ro" + source + "\n")
                .link("exe", "/mnt/bin/x")
                .namespace("mnt", 4026532999L);
        Files.createDirectories(inHost(UPPER + "/usr/bin/y"));
        assertThat(origin(tree.proc(), 8)).isEqualTo(is(Kind.IMAGE, UPPER + "/usr/bin/x: absent"));
        Files.writeString(inHost(UPPER + "/usr/bin/x"), "");
        assertThat(origin(tree.proc(), 8)).isEqualTo(is(Kind.WRITABLE_LAYER, UPPER + "/usr/bin/x"));
    }

    /** The node's root may be an overlay, and a service of its own may see it at {@code /} too. */
    @Test
    void fileOnThePartOfTheNodesRootThatIsAVolumeIsAVolumes() throws IOException {
        String root = "1 0 0:5 / / rw - overlay overlay rw,upperdir=" + UPPER + "\n";
        tree.process(1).file("mountinfo", root).namespace("mnt", 4026531840L);
        tree.process(6).file("mountinfo", root).link("exe", "/usr/bin/x").namespace("mnt", 4026532100L);
        assertIsOfVolume(
                "700 1 0:999 / / rw - overlay overlay rw,upperdir=/u",
                "701 700 0:5 /opt /mnt ro - overlay overlay rw,upperdir=" + UPPER);
    }

    @Test
    void overlayThatIsNobodysRootIsAVolumes() throws IOException {
        assertIsOfVolume(
                "700 1 0:999 / / rw - tmpfs none rw", "701 700 0:998 / /mnt ro - overlay overlay rw,upperdir=" + UPPER);
    }

    /** A program below {@code /mnt}, of a process with these mounts. */
    private void assertIsOfVolume(String... mounts) throws IOException {
        tree.process(7)
                .file("mountinfo", String.join("\n", mounts) + "\n")
                .link("exe", "/mnt/bin/x")
                .namespace("mnt", 4026532999L);
        assertThat(Parsed.value(origin(tree.proc(), 7)).kind()).isEqualTo(Kind.VOLUME);
    }

    @Test
    void anonymousAndDeletedFilesAreTold() throws IOException {
        assertThat(originOf("/memfd:runc_cloned (deleted)")).isEqualTo(is(Kind.MEMFD, "/memfd:runc_cloned (deleted)"));
        assertThat(originOf("/tmp/x (deleted)")).isEqualTo(is(Kind.DELETED, "/tmp/x (deleted)"));
        Files.writeString(inHost(UPPER + "/memfd:x"), "");
        assertThat(originOf("/memfd:x")).isEqualTo(is(Kind.WRITABLE_LAYER, UPPER + "/memfd:x"));
    }

    @Test
    void otherRootFileSystemsDoNotTell() throws IOException {
        tree.process(7).file("mountinfo", "1 0 8:1 / / rw - ext4 /dev/vda rw\n").namespace("mnt", 4026532403L);
        assertThat(origin(tree.proc(), 7))
                .isEqualTo(new Reading.Unreadable<>(
                        "/proc/7/mountinfo",
                        "a root file system of type ext4 does not tell the image's files from others"));
    }

    @Test
    void overlayWithoutUpperLayerHasOnlyTheImage() throws IOException {
        String line = "1 0 0:5 / / ro - overlay overlay ro,lowerdir=/a:/b\n";
        tree.process(7).file("mountinfo", line).namespace("mnt", 4026532403L);
        assertThat(origin(tree.proc(), 7)).isEqualTo(is(Kind.IMAGE, line.strip()));
    }

    @Test
    void upperLayerWithARelativePathCannotBeFound() throws IOException {
        tree.process(7)
                .file("mountinfo", "1 0 0:5 / / rw - overlay overlay rw,lowerdir=l,upperdir=u,workdir=w\n")
                .namespace("mnt", 4026532403L);
        assertThat(origin(tree.proc(), 7))
                .isEqualTo(new Reading.Unreadable<>("/proc/7/mountinfo", "upperdir is relative: u"));
    }

    @Test
    void processOfTheHostHasNoOrigin() throws IOException {
        tree.process(1).namespace("mnt", 5);
        tree.process(7).namespace("mnt", 5);
        assertThat(origin(tree.proc(), 7)).isEqualTo(new Reading.Absent<>("/proc/7/exe"));
    }
}
