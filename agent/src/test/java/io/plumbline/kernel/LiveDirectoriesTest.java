package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.plumbline.kernel.bindings.NativeHelpers;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.Evidence;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real processes in mount namespaces of their own, that go back by a descriptor which they had before. */
class LiveDirectoriesTest {

    @BeforeEach
    void needsMountNamespacesAndIds() throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.ofThisMachine(), Backend.java());
                Child child = container("exec sleep 60").running("sleep")) {
            NodeSnapshot node = reader.snapshot();
            Assumptions.assumeTrue(
                    !child.in(node)
                            .namespaces()
                            .inode(NamespaceType.MNT)
                            .equals(node.facts().hostNamespace(NamespaceType.MNT)),
                    "may not make a mount namespace");
        }
    }

    private static Child container(String script) {
        return Child.start(
                "sh", "-c", "exec 8</ 9</proc; exec unshare --mount --propagation private sh -ec \"$0\"", script);
    }

    private static List<DirectoryElsewhere> found(Child container, NativeHelpers helpers) throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.ofThisMachine(), helpers)) {
            return container.in(reader.snapshot()).directoriesElsewhere();
        }
    }

    private static List<DirectoryElsewhere> found(Child container) throws IOException {
        List<DirectoryElsewhere> found = found(container, Backend.java());
        NativeHelpers library = NativeHelpers.find();
        if (library.isAvailable()) {
            assertThat(found(container, library)).isEqualTo(found);
        }
        return found;
    }

    private static long hosts() throws IOException {
        try (NodeReader reader = NodeReader.open(ProcRoot.ofThisMachine(), Backend.java())) {
            return reader.snapshot()
                    .facts()
                    .hostNamespace(NamespaceType.MNT)
                    .observed()
                    .orElseThrow();
        }
    }

    @Test
    void whoIsInItsOwnNamespaceHasNothingElsewhere() throws IOException {
        try (Child container =
                container("mount -t tmpfs tmpfs /mnt; cd /mnt; exec sleep 60").running("sleep")) {
            assertThat(found(container)).isEmpty();
        }
    }

    /** As runc left one open in CVE-2024-21626. */
    @Test
    void workingDirectoryByADescriptorOfTheHost() throws IOException {
        try (Child container = container("cd /proc/self/fd/9; exec sleep 60").running("sleep")) {
            assertThat(found(container)).singleElement().satisfies(directory -> {
                assertThat(directory.link()).isEqualTo("cwd");
                assertThat(directory.path()).isEqualTo("/proc");
                assertThat(directory.namespace()).isEqualTo(hosts());
                Evidence mount = directory.mount().orElseThrow();
                assertThat(mount.line()).contains(" /proc rw").contains(" - proc ");
                assertThat(Files.readAllLines(Path.of(mount.source()))).contains(mount.line());
            });
        }
    }

    /** Its mountinfo is empty then: no mount of its namespace is below that root. */
    @Test
    void rootByADescriptorOfTheHost() throws IOException {
        try (Child container = container("exec chroot /proc/self/fd/8 sleep 60").running("sleep")) {
            assertThat(found(container))
                    .extracting(DirectoryElsewhere::link, DirectoryElsewhere::path)
                    .containsExactly(tuple("root", "/"), tuple("cwd", "/"));
        }
    }

    /** What was unmounted while somebody was in it belongs to no namespace: nobody can say whose it is. */
    @Test
    void directoryThatWasUnmountedIsNobodys() throws IOException {
        try (Child container = container("mount -t tmpfs tmpfs /mnt; cd /mnt; umount -l /mnt; exec sleep 60")
                .running("sleep")) {
            assertThat(found(container)).isEmpty();
        }
    }
}
