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
import org.awaitility.Awaitility;
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

    /** unshare(CLONE_FS) makes both directories a thread's own: the leader has nothing elsewhere then. */
    @Test
    void workingDirectoryOfAThreadByADescriptorOfTheHost() throws Exception {
        withThread(
                "fchdir(9)",
                container -> assertThat(found(container)).singleElement().satisfies(directory -> {
                    assertThat(directory.link()).matches("task/[0-9]+/cwd");
                    assertThat(directory.path()).isEqualTo("/proc");
                    assertThat(directory.namespace()).isEqualTo(hosts());
                    assertThat(directory.mount().orElseThrow().line()).contains(" - proc ");
                }));
    }

    @Test
    void rootOfAThreadByADescriptorOfTheHost() throws Exception {
        withThread(
                "fchdir(8) || chroot(\".\")",
                container -> assertThat(found(container))
                        .extracting(directory -> directory.link().replaceAll("[0-9]+", "TID"), DirectoryElsewhere::path)
                        .containsExactly(tuple("task/TID/root", "/"), tuple("task/TID/cwd", "/")));
    }

    @Test
    void aThreadThatGoesElsewhereInItsOwnNamespaceHasNothingElsewhere() throws Exception {
        withThread("chdir(\"/proc\")", container -> assertThat(found(container)).isEmpty());
    }

    /** It takes both directories along, to copies of the mounts that they were on. */
    @Test
    void aThreadInAMountNamespaceOfItsOwnHasNothingElsewhere() throws Exception {
        withThread(
                "unshare(CLONE_NEWNS)",
                container -> assertThat(found(container)).isEmpty());
    }

    private interface Look {
        void at(Child container) throws IOException;
    }

    /** @param what it does, in C: 0 if it could */
    private static void withThread(String what, Look look) throws Exception {
        String source = """
                #define _GNU_SOURCE
                #include <pthread.h>
                #include <sched.h>
                #include <sys/prctl.h>
                #include <unistd.h>
                static void *goes(void *ready) {
                    if (unshare(CLONE_FS) || %s) _exit(1);
                    write(*(int *)ready, "", 1);
                    pause();
                    return 0;
                }
                int main(void) {
                    pthread_t thread;
                    int ends[2];
                    char byte;
                    pipe(ends);
                    pthread_create(&thread, 0, goes, ends + 1);
                    read(ends[0], &byte, 1);
                    prctl(PR_SET_NAME, "gone");
                    pause();
                }
                """.formatted(what);
        try (Scratch scratch = new Scratch();
                Child container = container("exec " + CProgram.compiled(scratch, "goes", source))
                        .running("goes")) {
            Path name = Path.of("/proc/" + container.pid() + "/comm");
            Awaitility.await().until(() -> Files.readString(name).equals("gone\n"));
            look.at(container);
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
