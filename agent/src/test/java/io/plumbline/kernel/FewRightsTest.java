package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.NativeLibrary;
import io.plumbline.ThreadRights;
import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a reader with fewer rights sees and says. Rights belong to threads: each test gives up those of a thread of its own, which ends
 * with it, and so does the mount namespace that the thread has made.
 */
class FewRightsTest {

    private static final NativeLibrary LIBC = NativeLibrary.getInstance("c");
    private static final int CLONE_NEWNS = 0x20000;
    private static final int MS_REC_PRIVATE = 0x4000 | 0x40000;

    static List<String> backends() {
        return List.of("java", "native");
    }

    private static NativeHelpers helpers(String backend) {
        return backend.equals("java") ? Backend.java() : Backend.library();
    }

    @BeforeEach
    void needsRoot() throws Exception {
        boolean able = ThreadRights.inThread(() -> call("unshare", CLONE_NEWNS) == 0);
        Assumptions.assumeTrue(able, "not root, so there is no right to give up");
    }

    private static int call(String function, Object... arguments) {
        return LIBC.getFunction(function).invokeInt(arguments);
    }

    private static NodeSnapshot snapshot(Path proc, String backend) throws Exception {
        try (NodeReader reader = NodeReader.open(ProcRoot.at(proc), helpers(backend))) {
            return reader.snapshot();
        }
    }

    private static NodeSnapshot withoutCapabilities(String backend) throws Exception {
        return ThreadRights.withoutCapabilities(() -> snapshot(Path.of("/proc"), backend));
    }

    @ParameterizedTest
    @MethodSource("backends")
    void whatIsRefusedIsSaidFileByFile(String backend) throws Exception {
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            NodeSnapshot node = withoutCapabilities(backend);
            ProcessSnapshot process = child.in(node);
            for (NamespaceType type : NamespaceType.values()) {
                assertThat(process.namespaces().inode(type))
                        .isEqualTo(new Reading.Unreadable<>(process.file("ns/" + type.link()), "EACCES"));
            }
            assertThat(process.executable()).isEqualTo(new Reading.Unreadable<>(process.file("exe"), "EACCES"));
            assertThat(process.executableOrigin()).isEqualTo(new Reading.Unreadable<>(process.file("exe"), "EACCES"));
            assertThat(process.mounts().observed()).isPresent();
            assertThat(process.credentials().observed()).isPresent();
            assertThat(process.cgroup().observed()).isPresent();
            assertThat(process.commandLine().arguments()).containsExactly("sleep", "60");
        }
    }

    /** It is read anew by each scan, because it may be refused no longer; what it says is no news until it is another. */
    @ParameterizedTest
    @MethodSource("backends")
    void whoIsRefusedAndIsAsHeWasIsTheSameSnapshot(String backend) throws Exception {
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            List<ProcessSnapshot> seen = ThreadRights.withoutCapabilities(() -> {
                try (NodeReader reader = NodeReader.open(ProcRoot.at(Path.of("/proc")), helpers(backend))) {
                    return List.of(child.in(reader.snapshot()), child.in(reader.snapshot()));
                }
            });
            assertThat(seen.get(1)).isSameAs(seen.get(0));
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void hostNamespacesAreNeverTheReadersOwn(String backend) throws Exception {
        NodeSnapshot node = withoutCapabilities(backend);
        assertThat(node.facts().hostNamespace(NamespaceType.NET))
                .isEqualTo(new Reading.Unreadable<>("/proc/1/ns/net", "EACCES"));
        assertThat(node.facts().hostNamespace(NamespaceType.MNT))
                .isEqualTo(new Reading.Unreadable<>("/proc/1/ns/mnt", "EACCES"));
        Child.find(node, 2)
                .filter(ProcessSnapshot::kernelThread)
                .ifPresent(kthreadd -> assertThat(node.facts().hostNamespace(NamespaceType.PID))
                        .isEqualTo(Reading.of(4026531836L)));
    }

    private static NodeSnapshot withHidePid(String mode, String backend) throws Exception {
        try (Scratch scratch = new Scratch()) {
            return ThreadRights.inThread(() -> {
                String directory = scratch.directory().toString();
                assertThat(call("unshare", CLONE_NEWNS)).isZero();
                assertThat(call("mount", "none", "/", null, MS_REC_PRIVATE, null))
                        .isZero();
                // Members of that group see everything: by default it is root's.
                assertThat(call("mount", "proc", directory, "proc", 0, "hidepid=" + mode + ",gid=65533"))
                        .isZero();
                ThreadRights.giveUpCapabilities();
                return snapshot(scratch.directory(), backend);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void processThatIsListedButClosedIsToldOf(String backend) throws Exception {
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            NodeSnapshot node = withHidePid("1", backend);
            assertThat(Child.find(node, child.pid())).isEmpty();
            assertThat(node.unreadable()).contains(new Reading.Unreadable<>("/proc/" + child.pid() + "/stat", "EPERM"));
            assertThat(node.vanished()).isLessThan(node.unreadable().size());
        }
    }

    @ParameterizedTest
    @MethodSource("backends")
    void procThatDoesNotListAllSaysSo(String backend) throws Exception {
        try (Child child = Child.start("sleep", "60").running("sleep")) {
            NodeSnapshot node = withHidePid("2", backend);
            assertThat(Child.find(node, child.pid())).isEmpty();
            assertThat(node.unreadable())
                    .extracting(Reading.Unreadable::why)
                    .containsAnyOf(
                            "mounted with hidepid=invisible: processes of other users are not listed",
                            "mounted with hidepid=2: processes of other users are not listed");
            assertThat(node.facts().reader().effective()).isEqualTo(CapabilitySet.NONE);
        }
    }

    /** As rootkits do that cannot load a module. */
    @ParameterizedTest
    @MethodSource("backends")
    void processWhoseDirectoryIsMountedOverIsToldOf(String backend) throws Exception {
        try (Scratch scratch = new Scratch();
                Child child = Child.start("sleep", "60").running("sleep")) {
            NodeSnapshot node = ThreadRights.inThread(() -> {
                String directory = scratch.directory().toString();
                assertThat(call("unshare", CLONE_NEWNS)).isZero();
                assertThat(call("mount", "none", "/", null, MS_REC_PRIVATE, null))
                        .isZero();
                assertThat(call("mount", "proc", directory, "proc", 0, "")).isZero();
                assertThat(call("mount", "none", directory + "/" + child.pid(), "tmpfs", 0, ""))
                        .isZero();
                return snapshot(scratch.directory(), backend);
            });
            assertThat(node.unreadable())
                    .contains(new Reading.Unreadable<>(
                            scratch.directory() + "/" + child.pid(),
                            "something is mounted over it, which hides a process or what it is"));
        }
    }
}
