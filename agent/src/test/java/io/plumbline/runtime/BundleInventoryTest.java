package io.plumbline.runtime;

import static io.plumbline.runtime.FakeHost.ID;
import static io.plumbline.runtime.FakeHost.OTHER_ID;
import static io.plumbline.runtime.FakeHost.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.plumbline.Unprivileged;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading.Unreadable;
import io.plumbline.model.RuntimeInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where runtimes keep their containers, and what may be wrong there. */
class BundleInventoryTest {

    private static final String TASKS = "/run/containerd/io.containerd.runtime.v2.task";

    @TempDir
    private Path directory;

    private FakeHost host;

    @BeforeEach
    void host() {
        host = new FakeHost(directory.resolve("host"));
    }

    @AfterEach
    void unlink() throws IOException {
        host.removeLinks();
    }

    @Test
    void machineWithoutRuntimesHasNothingToRead() {
        RuntimeInventory inventory = read();
        assertThat(inventory.bundles()).isEmpty();
        assertThat(inventory.unreadable()).isEmpty();
        assertThat(inventory.searched()).hasSize(BundlePlace.known().size());
    }

    @Test
    void containerdKeepsTasksByNamespace() throws Exception {
        host.file(TASKS + "/k8s.io/" + ID + "/config.json", config("\"io.kubernetes.cri.sandbox-name\": \"web\""))
                .file(TASKS + "/k8s.io/" + ID + "/init.pid", "4711")
                .file(TASKS + "/default/web/config.json", config("\"nerdctl/name\": \"shop-web\""));
        List<OciBundle> bundles = read().bundles();
        assertThat(bundles).extracting(OciBundle::id).containsExactly("web", ID);
        assertThat(bundles).extracting(OciBundle::runtimeNamespace).containsExactly("default", "k8s.io");
        assertThat(bundles).extracting(OciBundle::name).containsExactly(Optional.of("shop-web"), Optional.empty());
        assertThat(bundles).extracting(OciBundle::initPid).containsExactly(Optional.empty(), Optional.of(4711));
        assertThat(bundles.get(1).annotations()).containsEntry("io.kubernetes.cri.sandbox-name", "web");
    }

    /** {@code state} in containerd's configuration; runc keeps its own where it always does. */
    @Test
    void containerdsTasksElsewhereAreFoundByRuncsState() throws Exception {
        String task = "/srv/state/io.containerd.runtime.v2.task/k8s.io/" + ID;
        host.file(task + "/config.json", config("\"io.kubernetes.cri.sandbox-name\": \"web\""))
                .file("/run/containerd/runc/k8s.io/" + ID + "/state.json", runcState(4711, task));

        OciBundle bundle = read().bundles().get(0);
        assertThat(bundle.runtime()).isEqualTo("containerd");
        assertThat(bundle.runtimeNamespace()).isEqualTo("k8s.io");
        assertThat(bundle.initPid()).contains(4711);
    }

    @Test
    void containerdOfDistributionsIsFound() throws Exception {
        host.file("/run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json", config(""))
                .file(
                        "/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + OTHER_ID
                                + "/config.json",
                        config(""));
        assertThat(read().bundles()).extracting(OciBundle::id).containsExactly(ID, OTHER_ID);
    }

    @Test
    void dockersContainerIsOneWithItsName() throws Exception {
        String hostname =
                "{\"destination\": \"/etc/hostname\", \"type\": \"bind\", \"source\": \"/srv/docker/containers/" + ID
                        + "/hostname\", \"options\": [\"rbind\"]}";
        host.file(TASKS + "/moby/" + ID + "/config.json", config("", hostname))
                .file(TASKS + "/moby/" + ID + "/init.pid", "815")
                .file("/run/docker/runtime-runc/moby/" + ID + "/state.json", runcState(816, TASKS + "/moby/" + ID))
                .file(
                        "/srv/docker/containers/" + ID + "/config.v2.json",
                        "{\"Config\":{\"Env\":[\"A=b\"]},\"Name\":\"/shop_web_1\"}");
        RuntimeInventory inventory = read();
        assertThat(inventory.unreadable()).isEmpty();
        assertThat(inventory.bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.runtime()).isEqualTo("docker");
            assertThat(bundle.runtimeNamespace()).isEqualTo("moby");
            assertThat(bundle.name()).contains("shop_web_1");
            assertThat(bundle.initPid()).contains(815);
        });
    }

    @Test
    void dockersContainerWithoutAHostnameIsNamedInTheUsualPlace() throws Exception {
        host.file("/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/" + ID + "/config.json", config(""))
                .file("/var/lib/docker/containers/" + ID + "/config.v2.json", "{\"Name\":\"/web\"}");
        assertThat(read().bundles())
                .singleElement()
                .satisfies(bundle -> assertThat(bundle.name()).contains("web"));
    }

    @Test
    void crioIsToldByItsAnnotations() throws Exception {
        String annotations =
                "\"io.container.manager\": \"cri-o\", \"io.kubernetes.cri-o.Name\": \"k8s_main_web_shop_u_0\","
                        + "\"io.kubernetes.pod.namespace\": \"shop\"";
        host.file("/run/containers/storage/overlay-containers/" + ID + "/userdata/config.json", config(annotations))
                .file("/run/containers/storage/overlay-containers/" + ID + "/userdata/pidfile", "99\n")
                .file(
                        "/var/lib/containers/storage/overlay-containers/" + ID + "/userdata/config.json",
                        config(annotations))
                .file(
                        "/var/lib/containers/storage/overlay-containers/containers.json",
                        "[{\"id\":\"" + ID + "\",\"names\":[\"k8s_main_web_shop_u_0\"],\"metadata\":\"{}\"}]");
        assertThat(read().bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.runtime()).isEqualTo("cri-o");
            assertThat(bundle.source()).startsWith("/run/containers/storage/");
            assertThat(bundle.initPid()).contains(99);
            assertThat(bundle.name())
                    .as("the pod's names are in the annotations")
                    .isEmpty();
        });
    }

    @Test
    void podmansBundleAndPidLieApart() throws Exception {
        host.file("/run/containers/storage/overlay-containers/" + ID + "/userdata/pidfile", "1234")
                .file(
                        "/var/lib/containers/storage/overlay-containers/" + ID + "/userdata/config.json",
                        config(
                                "\"io.container.manager\": \"libpod\", \"io.kubernetes.cri-o.ContainerType\": \"sandbox\""))
                .file(
                        "/var/lib/containers/storage/overlay-containers/" + OTHER_ID + "/userdata/config.json",
                        config("\"io.podman.annotations.autoremove\": \"TRUE\""))
                .file(
                        "/var/lib/containers/storage/overlay-containers/containers.json",
                        "[{\"id\":\"" + ID + "\",\"names\":[\"shop-infra\",\"other\"]},{\"id\":\"" + OTHER_ID + "\"}]");
        List<OciBundle> bundles = read().bundles();
        assertThat(bundles).extracting(OciBundle::runtime).containsOnly("podman");
        assertThat(bundles).extracting(OciBundle::id).containsExactly(OTHER_ID, ID);
        assertThat(bundles).extracting(OciBundle::name).containsExactly(Optional.empty(), Optional.of("shop-infra"));
        assertThat(bundles).extracting(OciBundle::initPid).containsExactly(Optional.empty(), Optional.of(1234));
    }

    @Test
    void rootlessPodmanIsFoundInHomeAndRuntimeDirectory() throws Exception {
        host.file(
                        "/home/ann/.local/share/containers/storage/overlay-containers/" + ID + "/userdata/config.json",
                        config(""))
                .file(
                        "/home/ann/.local/share/containers/storage/overlay-containers/containers.json",
                        "[{\"id\":\"" + ID + "\",\"names\":[\"db\"]}]")
                .file("/run/user/1000/containers/overlay-containers/" + ID + "/userdata/pidfile", "77");
        assertThat(read().bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.runtime()).isEqualTo("podman");
            assertThat(bundle.name()).contains("db");
            assertThat(bundle.initPid()).contains(77);
        });
    }

    @Test
    void podmanWithAnotherStorageDriverIsFound() throws Exception {
        host.file("/var/lib/containers/storage/vfs-containers/" + ID + "/userdata/config.json", config(""))
                .file(
                        "/var/lib/containers/storage/vfs-containers/volatile-containers.json",
                        "[{\"id\":\"" + ID + "\",\"names\":[\"build\"]}]")
                .file("/var/lib/containers/storage/vfs-layers/" + OTHER_ID + "/userdata/config.json", config(""));
        assertThat(read().bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.id()).isEqualTo(ID);
            assertThat(bundle.name()).contains("build");
        });
    }

    @Test
    void containersStartedByHandAreFoundByTheirState() throws Exception {
        host.file("/run/runc/web/state.json", runcState(14089, "/srv/bundle"))
                .file("/srv/bundle/config.json", config(""))
                .file("/run/crun/web/status", CRUN_STATUS)
                .file("/srv/other/config.json", config(""));
        List<OciBundle> bundles = read().bundles();
        assertThat(bundles).extracting(OciBundle::id).containsExactly("web", "web");
        assertThat(bundles).extracting(OciBundle::runtime).containsExactly("runc", "crun");
        assertThat(bundles).extracting(OciBundle::initPid).containsExactly(Optional.of(14089), Optional.of(27707));
        assertThat(bundles)
                .extracting(OciBundle::source)
                .containsExactly("/srv/bundle/config.json", "/srv/other/config.json");
    }

    @Test
    void stateOfAContainerThatIsKnownOnlyCompletesIt() throws Exception {
        host.file(TASKS + "/default/web/config.json", config(""))
                .file("/run/containerd/runc/default/web/state.json", runcState(5, TASKS + "/default/web"));
        assertThat(read().bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.runtime()).isEqualTo("containerd");
            assertThat(bundle.runtimeNamespace()).isEqualTo("default");
            assertThat(bundle.initPid()).contains(5);
        });
    }

    @Test
    void usersWordNeverStandsForRootsContainer() throws Exception {
        host.file(TASKS + "/k8s.io/" + ID + "/config.json", config("\"owner\": \"root\""))
                .file(
                        "/home/eve/.local/share/containers/storage/overlay-containers/" + ID + "/userdata/config.json",
                        config("\"owner\": \"eve\""))
                .file("/run/user/666/containers/overlay-containers/" + ID + "/userdata/pidfile", "1")
                .file(
                        "/home/eve/.local/share/containers/storage/overlay-containers/containers.json",
                        "[{\"id\":\"" + ID + "\",\"names\":[\"forged\"]}]");
        assertThat(read().bundles()).singleElement().satisfies(bundle -> {
            assertThat(bundle.annotations()).containsEntry("owner", "root");
            assertThat(bundle.initPid()).isEmpty();
            assertThat(bundle.name()).isEmpty();
        });
    }

    @Test
    void usersDirectoriesAreBounded() throws Exception {
        for (int i = 0; i < 1001; i++) {
            Files.createDirectories(host.root().resolve("run/user/1000/runc/c" + i));
        }
        assertThat(read().unreadable())
                .containsExactly(new Unreadable<>("/run/user/1000/runc", "more than 1000 entries"));
    }

    @Test
    void extraPlacesAreLookedInto() throws Exception {
        host.file("/data/containerd/io.containerd.runtime.v2.task/k8s.io/" + ID + "/config.json", config(""));
        BundlePlace place =
                new BundlePlace("/data/containerd/io.containerd.runtime.v2.task/*/*", BundlePlace.Kind.TASK, false);
        RuntimeInventory inventory = new BundleInventory(host.root(), List.of(place)).read();
        assertThat(inventory.bundles()).extracting(OciBundle::id).containsExactly(ID);
        assertThat(inventory.searched()).contains("/data/containerd/io.containerd.runtime.v2.task");
    }

    @Test
    void placeThatCannotBeOneIsRefused() {
        for (String pattern : List.of("relative/*", "/trailing/*/", "/double//*")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new BundlePlace(pattern, BundlePlace.Kind.RUNC_STATE, false))
                    .withMessageContaining("must be an absolute path");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BundlePlace("/run/x/*", BundlePlace.Kind.TASK, false))
                .withMessageContaining("needs 2 '*'");
    }

    @Test
    void whatIsMalformedIsSaidOnceAndTheRestIsRead() throws Exception {
        host.file(TASKS + "/k8s.io/a/config.json", "{\"process\": {},\n \"linux\": {\"maskedPaths\": \"x\"}}")
                .file(TASKS + "/k8s.io/b/config.json", "{\"process\": {}")
                .file(TASKS + "/k8s.io/c/config.json", "")
                .file(TASKS + "/k8s.io/d/config.json", "{\"auths\": {\"registry\": {\"auth\": \"c2VjcmV0\"}}}")
                .file(
                        TASKS + "/k8s.io/e/config.json",
                        "{\"process\": {\"user\": {\"uid\": 99999999999999999999}}, \"linux\": {}}")
                .file(TASKS + "/k8s.io/f/config.json", "{\"a\": 1, \"a\": 2}")
                .file(TASKS + "/k8s.io/g/config.json", "[]")
                .file(TASKS + "/k8s.io/h/config.json", "{\"x\":" + "[".repeat(5000))
                .file(TASKS + "/k8s.io/i/config.json", "{} {}")
                .file(TASKS + "/k8s.io/j/config.json", "null")
                .file(TASKS + "/k8s.io/k/config.json", "secret words")
                .file(TASKS + "/k8s.io/l/config.json", config("").replace("\"gid\": 0", "\"gid\": true"))
                .file(TASKS + "/k8s.io/m/config.json", config("\"a\": 7"))
                .file(TASKS + "/k8s.io/n/config.json", config(""))
                .file(TASKS + "/k8s.io/n/init.pid", "none");
        RuntimeInventory inventory = read();
        assertThat(inventory.bundles()).extracting(OciBundle::id).containsExactly("n");
        assertThat(inventory.unreadable().stream()
                        .map(unreadable ->
                                unreadable.source().substring((TASKS + "/k8s.io/").length()) + ": " + unreadable.why()))
                .containsExactly(
                        "a/config.json: linux.maskedPaths: expected a list of texts, found a text",
                        "b/config.json: not JSON, or cut off, at line 1, column 15",
                        "c/config.json: empty",
                        "d/config.json: no OCI runtime specification of a Linux container",
                        "e/config.json: process.user.uid: expected a whole number, found a number",
                        "f/config.json: a field twice in one object at line 1, column 15",
                        "g/config.json: it: expected an object, found a list",
                        "h/config.json: larger or deeper than accepted",
                        "i/config.json: more text behind its end at line 1, column 4",
                        "j/config.json: nothing but null",
                        "k/config.json: not JSON, or cut off, at line 1, column 1",
                        "l/config.json: process.user.gid: expected a whole number, found true or false",
                        "m/config.json: annotations: expected texts only, found a number",
                        "n/init.pid: not a pid");
    }

    @Test
    void fileThatIsTooLargeIsRefused() throws Exception {
        host.file(TASKS + "/k8s.io/" + ID + "/config.json", " ".repeat((16 << 20) + 1));
        assertThat(read().unreadable())
                .containsExactly(new Unreadable<>(TASKS + "/k8s.io/" + ID + "/config.json", "larger than 16 MiB"));
    }

    @Test
    void pipeInsteadOfAFileIsNotOpened() throws Exception {
        Path bundle = Files.createDirectories(
                host.root().resolve("home/eve/.local/share/containers/storage/overlay-containers/" + ID + "/userdata"));
        assertThat(new ProcessBuilder("mkfifo", bundle.resolve("config.json").toString())
                        .start()
                        .waitFor())
                .isZero();
        assertThat(read().unreadable())
                .singleElement()
                .satisfies(unreadable -> assertThat(unreadable.why()).isEqualTo("not a regular file"));
    }

    @Test
    void linksStayInsideOfTheHostsRoot() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.createDirectories(outside.resolve("k8s.io/" + OTHER_ID));
        Files.writeString(outside.resolve("k8s.io/" + OTHER_ID + "/config.json"), config(""));
        // As on a real host: /var/run is an absolute link, and so may a state directory be.
        host.link("/var/run", "/run")
                .file("/data/tasks/k8s.io/" + ID + "/config.json", config(""))
                .link(TASKS, "/var/run/../data/tasks")
                .link("/run/k3s/containerd/io.containerd.runtime.v2.task", outside.toString())
                .link("/run/k0s/containerd/io.containerd.runtime.v2.task", "../../../../../../../../../.." + outside)
                .link("/run/runc", "/run/runc");
        RuntimeInventory inventory = read();
        assertThat(inventory.bundles()).extracting(OciBundle::id).containsExactly(ID);
        assertThat(inventory.bundles().get(0).source()).isEqualTo(TASKS + "/k8s.io/" + ID + "/config.json");
        assertThat(inventory.unreadable()).containsExactly(new Unreadable<>("/run/runc", "ELOOP"));
    }

    @Test
    void directoryThatMayNotBeReadIsSaidOnce() throws Exception {
        host.file(TASKS + "/k8s.io/" + ID + "/config.json", config(""))
                .file(TASKS + "/k8s.io/" + OTHER_ID + "/config.json", config(""))
                .file("/home/bob/x", "")
                .file("/run/crun/web/status", CRUN_STATUS);
        Path tasks = host.root().resolve(TASKS.substring(1));
        Path crun = host.root().resolve("run/crun/web");
        Path home = host.root().resolve("home/bob");
        for (Path closed : List.of(tasks, crun, home)) {
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("--x--x--x"));
        }
        Files.setPosixFilePermissions(crun, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("---------"));
        try {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            RuntimeInventory inventory = Unprivileged.call(this::read);
            assertThat(inventory.bundles()).isEmpty();
            assertThat(inventory.unreadable())
                    .containsExactly(new Unreadable<>(TASKS, "EACCES"), new Unreadable<>("/run/crun/web", "EACCES"));
        } finally {
            for (Path closed : List.of(tasks, crun, home)) {
                Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    @Test
    void rootThatMayNotBeReadIsSaidOnce() throws Exception {
        Path closed = Files.createDirectory(
                directory.resolve("closed"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("---------")));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        RuntimeInventory inventory = Unprivileged.call(() -> new BundleInventory(closed).read());
        assertThat(inventory.unreadable()).containsExactly(new Unreadable<>(closed.toString(), "EACCES"));
    }

    /** As crun 1.8.1 writes it. */
    private static final String CRUN_STATUS = """
            {
                "pid": 27707,
                "process-start-time": 449438,
                "cgroup-path": "/web",
                "scope": "",
                "rootfs": "rootfs",
                "systemd-cgroup": false,
                "bundle": "/srv/other",
                "created": "2026-11-21T00:49:22.628758Z",
                "owner": "root",
                "detached": true,
                "external_descriptors": "[\\"/dev/null\\",\\"/dev/null\\",\\"/dev/null\\"]"
            }""";

    /** The outline of what runc 1.1 writes. */
    private static String runcState(int pid, String bundle) {
        return """
                {"id": "web", "init_process_pid": %d, "init_process_start": 447121, "created": "2026-11-21T00:48:59.558900459Z",
                 "config": {"no_pivot_root": false, "rootfs": "/srv/rootfs", "mounts": [{"source": "proc", "flags": 0}],
                    "namespaces": [{"type": "NEWPID", "path": ""}], "Hooks": {"poststop": null}, "labels": ["a=b", "bundle=%s"]},
                 "rootless": false, "cgroup_paths": {"": "/sys/fs/cgroup/web"}, "external_descriptors": ["/dev/null"]}
                """.formatted(pid, bundle);
    }

    private RuntimeInventory read() {
        return new BundleInventory(host.root()).read();
    }
}
