package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.ExecutableOrigin.Kind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real overlays: this machine's root as the image, a layer over it, in a mount namespace of its own. */
class LiveExecutablesTest {

    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private Scratch scratch;

    @BeforeEach
    void needsRootAndOverlay() throws IOException {
        boolean overlay = Files.readString(Path.of("/proc/filesystems")).contains("\toverlay\n");
        Assumptions.assumeTrue(overlay, "the kernel has no overlay file system (yet: modprobe overlay)");
        Assumptions.assumeTrue(Files.isWritable(SHARED_MEMORY), "no /dev/shm");
        boolean allowed = run("true") == 0;
        Assumptions.assumeTrue(allowed, "may not make a mount namespace");
        // Not on the file system of the image itself: a layer must not lie in another.
        scratch = Scratch.in(SHARED_MEMORY);
        for (String directory : new String[] {"upper", "work", "root"}) {
            Files.createDirectory(scratch.directory().resolve(directory));
        }
    }

    private static int run(String command) throws IOException {
        try {
            return new ProcessBuilder("unshare", "--mount", "sh", "-c", command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void delete() {
        if (scratch != null) {
            scratch.close();
        }
    }

    /** Runs a script with the overlay as its root. */
    private Child container(String script) {
        return container("", script);
    }

    /** @param before runs outside of it */
    private Child container(String before, String script) {
        String directory = scratch.directory().toString();
        return Child.start(
                "sh",
                "-ec",
                before + "exec unshare --mount --propagation private sh -ec \"$0\"",
                "cd " + directory + "; mount -t overlay overlay -o lowerdir=/,upperdir=" + directory + "/upper,workdir="
                        + directory
                        + "/work root; cd root; mount -t proc proc proc; mount --bind /dev dev; mount -t tmpfs tmpfs mnt;"
                        + " pivot_root . mnt; cd /; umount -l mnt; mount -t tmpfs tmpfs mnt; " + script);
    }

    private Reading<ExecutableOrigin> origin(Child container, NativeHelpers helpers) throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.ofThisMachine(), helpers)) {
            ProcessSnapshot process = container.in(reader.snapshot());
            return process.executableOrigin();
        }
    }

    private void assertOrigin(Child container, Kind kind) throws IOException {
        assertThat(origin(container, Backend.java()).map(ExecutableOrigin::kind))
                .isEqualTo(Reading.of(kind));
        NativeHelpers library = NativeHelpers.find();
        if (library.isAvailable()) {
            assertThat(origin(container, library)).isEqualTo(origin(container, Backend.java()));
        }
    }

    @Test
    void programOfTheImage() throws IOException {
        try (Child container = container("exec sleep 60").running("sleep")) {
            assertOrigin(container, Kind.IMAGE);
        }
    }

    @Test
    void programThatWasWrittenInTheContainer() throws IOException {
        try (Child container = container("cp $(command -v sleep) /tmp/written; exec /tmp/written 60")
                .running("written")) {
            assertOrigin(container, Kind.WRITABLE_LAYER);
        }
    }

    @Test
    void programOfTheImageThatWasReplacedInPlace() throws IOException {
        try (Child container = container(
                        "sleep=$(command -v sleep); copy=$(mktemp); cp $sleep $copy; cp $copy $sleep; exec sleep 60")
                .running("sleep")) {
            assertOrigin(container, Kind.WRITABLE_LAYER);
        }
    }

    @Test
    void programThatWasDeletedSince() throws IOException {
        try (Child container =
                container("cp $(command -v sleep) /tmp/gone; /tmp/gone 61 & sleep 1; rm /tmp/gone; wait")) {
            assertOrigin(descendant(container, "/tmp/gone (deleted)"), Kind.DELETED);
        }
    }

    @Test
    void programOnAVolume() throws IOException {
        try (Child container = container("cp $(command -v sleep) /mnt/volume; exec /mnt/volume 60")
                .running("volume")) {
            assertOrigin(container, Kind.VOLUME);
        }
    }

    /** By fexecve(3), so that no mount of the container leads to it. */
    @Test
    void programOfTheHostByADescriptor() throws IOException {
        Assumptions.assumeTrue(isOnTheHost(), "not in the host's mount namespace");
        try (Child container = container("exec 9<$(command -v sleep); ", "exec /proc/self/fd/9 60")
                .running("sleep", "coreutils")) {
            assertOrigin(container, Kind.HOST);
        }
    }

    private static boolean isOnTheHost() throws IOException {
        String own = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
        try (NodeReader reader = NodeReader.open(ProcRoot.ofThisMachine(), Backend.java())) {
            Reading<Long> hosts = reader.snapshot().facts().hostNamespace(NamespaceType.MNT);
            return hosts.map(inode -> "mnt:[" + inode + "]").equals(Reading.of(own));
        }
    }

    /** Its path now leads to a volume, but the file that runs is of the layer: the mount is told by its id, not by the path. */
    @Test
    void programInTheLayerIsNotHiddenByAMountOverIt() throws IOException {
        try (Child container = container("mkdir /tmp/d; cp $(command -v sleep) /tmp/d/hidden; /tmp/d/hidden 62 &"
                + " sleep 1; mount -t tmpfs tmpfs /tmp/d; touch /tmp/d/done; wait")) {
            Child hidden = descendant(container, "/tmp/d/hidden");
            Path done = Path.of("/proc/" + hidden.pid() + "/root/tmp/d/done");
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> Files.exists(done));
            assertOrigin(hidden, Kind.WRITABLE_LAYER);
        }
    }

    /** Waits for a process below a container that runs this file. */
    private static Child descendant(Child container, String executable) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .ignoreExceptions()
                .until(
                        () -> container
                                .process()
                                .descendants()
                                .filter(process -> leadsTo(process.pid(), executable))
                                .findFirst()
                                .map(process -> new Child(process))
                                .orElseThrow(),
                        found -> true);
    }

    private static boolean leadsTo(long pid, String executable) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/" + pid + "/exe"))
                    .toString()
                    .equals(executable);
        } catch (IOException e) {
            return false;
        }
    }
}
