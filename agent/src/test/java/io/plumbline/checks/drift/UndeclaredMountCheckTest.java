package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Cause;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict.Outcome;
import io.plumbline.model.Verdict.Undetermined;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which mounts show the host's files, and what explains them. */
class UndeclaredMountCheckTest {

    private static final String CHECK = "undeclared-mount";
    private static final String PODS = "/var/lib/kubelet/pods/" + Pods.uid("web");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "600 391 254:0 / /host rw - ext4 /dev/vda rw",
                "600 391 254:0 /etc /etc rw - ext4 /dev/vda rw",
                "600 391 0:22 /containerd/containerd.sock /run/x.sock rw - tmpfs tmpfs rw",
                "600 391 254:0 /var/lib/kubelet/pods/another/volumes/kubernetes.io~secret/s /s rw - ext4 /dev/vda rw",
                "600 391 0:20 / /hostproc rw - proc proc rw",
                "600 391 8:16 / /disk rw - ext4 /dev/sdb rw",
                "600 391 254:0 / / rw - ext4 /dev/vda rw",
                "600 391 0:8 / /sys/kernel/debug rw - debugfs debugfs rw",
                "600 391 0:12 / /tmp/trace rw - tracefs tracefs rw",
                "600 391 0:7 / /tmp/security rw - securityfs securityfs rw",
                "600 391 0:4 net:[4026531840] /tmp/net rw - nsfs nsfs rw"
            })
    void filesOfTheHostThatNothingDeclaresAreDrift(String line) {
        assertThat(pod("", "")
                        .with(main().mounts(Mounts.ofContainer().with(line)))
                        .drift())
                .extracting(Finding::check)
                .contains(CHECK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc-hosts /etc/hosts",
                "/containers/main/0f3a /dev/termination-log",
                "/volumes/kubernetes.io~empty-dir/data /data",
                "/volume-subpaths/data/main/0 /data/sub",
                "/volumes/kubernetes.io~projected/kube-api-access-x1 /var/run/secrets/kubernetes.io/serviceaccount"
            })
    void whatTheKubeletKeepsForThePodIsExplained(String rootAndPoint) {
        String[] words = rootAndPoint.split(" ", 2);
        String line = "600 391 254:0 " + PODS + words[0] + " " + words[1] + " rw,relatime - ext4 /dev/vda rw";

        assertThat(pod("", "")
                        .with(main().mounts(Mounts.ofContainer().with(line)))
                        .drift())
                .isEmpty();
    }

    /** A directory that the image declares to be a volume, and CRI-O's user database for a uid that the image does not know. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "254:0 /var/lib/containerd/io.containerd.grpc.v1.cri/containers/ID/volumes/008c /data",
                "254:0 /mnt/disk/root/io.containerd.grpc.v1.cri/containers/ID/volumes/008c/sub /tmp/again",
                "0:22 /containers/storage/overlay-containers/ID/userdata/mounts/5f21 /data",
                "0:22 /containers/storage/overlay-containers/ID/userdata/passwd /etc/passwd",
                "0:22 /containers/storage/vfs-containers/ID/userdata/group /etc/group"
            })
    void whatTheRuntimeKeepsForTheContainerIsExplainedAndAnothersIsNot(String mount) {
        String line = "600 391 " + mount + " rw,relatime - ext4 /dev/vda rw";
        String own = line.replace("ID", Pods.containerId("web", "main"));
        String anothers = line.replace("ID", Pods.containerId("web", "other"));

        assertThat(pod("", "")
                        .with(main().mounts(Mounts.ofContainer().with(own)))
                        .drift())
                .isEmpty();
        assertThat(pod("", "")
                        .with(main().mounts(Mounts.ofContainer().with(anothers)))
                        .drift())
                .extracting(Finding::check)
                .containsExactly(CHECK);
    }

    /** Its name has no container's id in it: only the bundle tells that it is this one's. */
    @Test
    void volumeOfAnImageUnderDockerIsExplainedByTheBundle() {
        String volume = "/var/lib/docker/volumes/" + "5f21".repeat(16) + "/_data";
        String pod =
                "metadata: {name: web}\nspec: {containers: [{name: main}]}\nstatus: {containerStatuses: [{name: main, containerID: 'docker://"
                        + Pods.containerId("web", "main") + "'}]}";
        Mounts mounts = Mounts.ofContainer().with("600 391 254:0 " + volume + " /data rw - ext4 /dev/vda rw");
        Bundles bundle = Bundles.of("web", "main").runtime("docker", "moby");

        assertThat(Nodes.node()
                        .pods(pod)
                        .bundles(bundle.mounts(new OciBundle.BundleMount("/data", "bind", volume, List.of("rbind")))
                                .bundle())
                        .with(main().mounts(mounts))
                        .drift())
                .extracting(Finding::check)
                .doesNotContain(CHECK);
        assertThat(Nodes.node()
                        .pods(pod)
                        .bundles(bundle.mounts().bundle())
                        .with(main().mounts(mounts))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.AFTER_START);
    }

    /** A hook of kind's nodes; bubblewrap and a container in a container, which put a root together; what the old root is moved to. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "600 396 0:168 /product_name /sys/devices/virtual/dmi/id/product_name ro - overlay overlay rw,upperdir=/u",
                "600 391 0:168 /usr /mnt rw - overlay overlay rw,upperdir=/u",
                "600 391 0:26 / /old/sys/fs/cgroup ro - cgroup2 cgroup rw"
            })
    void whatTheContainerHasAnywayIsNotTheHosts(String line) {
        String itsPrograms = "599 391 0:168 /usr /usr ro - overlay overlay rw,upperdir=/u";
        Processes apart = apart(Mounts.of("391 352 0:200 / / rw - tmpfs none rw", itsPrograms, line));

        assertThat(pod("", "").with(main().mounts(Mounts.ofContainer()), apart).drift())
                .isEmpty();
        assertThat(pod("", "")
                        .with(main().mounts(Mounts.ofContainer().with(line)))
                        .drift())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "600 391 0:26 / /mnt rw - cgroup2 cgroup rw",
                "600 391 0:20 / /mnt/proc ro - proc proc rw",
                "600 391 254:0 /etc /mnt ro - ext4 /dev/vda rw"
            })
    void whatItHasOnlyToReadOrCoveredOrElsewhereExplainsNothing(String line) {
        Processes apart = apart(Mounts.of("391 352 0:200 / / rw - tmpfs none rw", line));

        Mounts first =
                Mounts.ofContainer().with("601 391 254:0 " + PODS + "/etc-hosts /etc/hosts rw - ext4 /dev/vda rw");

        assertThat(pod("", "").with(main().mounts(first), apart).finding(CHECK).processCount())
                .isEqualTo(1);
    }

    @Test
    void rootThatIsReadOnlyDoesNotExplainItselfWritable() {
        Processes apart = apart(Mounts.ofContainer().with("600 391 0:168 / /mnt rw - overlay overlay rw,upperdir=/u"));

        assertThat(pod("", "")
                        .with(main().mounts(Mounts.ofContainer().readOnlyRoot()), apart)
                        .finding(CHECK)
                        .effective())
                .containsExactly("/run/containerd/rootfs at /mnt");
    }

    @Test
    void declaredHostPathIsExplainedWithWhatIsMountedBelowIt() {
        Nodes node = pod("{name: logs, mountPath: /logs}", "{name: logs, hostPath: {path: /var/log/}}");
        String below = "601 600 8:17 / /logs/audit rw - ext4 /dev/sdb1 rw";

        assertThat(node.with(main().mounts(Mounts.ofContainer()
                                .with("600 391 254:0 /var/log /logs rw - ext4 /dev/vda rw", below)))
                        .drift())
                .isEmpty();
    }

    @Test
    void volumeOfAnotherTypeDoesNotExplainTheHostsFilesAtItsPath() {
        Nodes node = pod("{name: data, mountPath: /data}", "{name: data, emptyDir: {}}");

        Finding finding = node.with(
                        main().mounts(Mounts.ofContainer().with("600 391 254:0 /etc /data rw - ext4 /dev/vda rw")))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.HIGH);
        assertThat(finding.effective()).containsExactly("/etc at /data");
    }

    /** Elsewhere as well: who may bind it, may bind it to any place. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "600 391 254:0 /etc /host-etc rw - ext4 /dev/vda rw",
                "601 391 254:0 /etc/ssh /mnt rw - ext4 /dev/vda rw"
            })
    void volumeThatIsReadOnlyExplainsNothingThatCanBeWrittenTo(String line) {
        String mount = "{name: etc, mountPath: /host-etc, readOnly: true}";
        String volume = "{name: etc, hostPath: {path: /etc}}";
        Mounts asDeclared = Mounts.ofContainer().with("600 391 254:0 /etc /host-etc ro - ext4 /dev/vda rw");
        Mounts drifted = line.startsWith("600") ? Mounts.ofContainer().with(line) : asDeclared.with(line);
        OciBundle told = Bundles.of("web", "main")
                .mounts(new OciBundle.BundleMount("/host-etc", "bind", "/etc", List.of("rbind", "ro")))
                .bundle();

        assertThat(pod(mount, volume).with(main().mounts(asDeclared)).drift()).isEmpty();
        Finding finding =
                pod(mount, volume).bundles(told).with(main().mounts(drifted)).finding(CHECK);
        assertThat(finding.cause()).isEqualTo(Cause.AFTER_START);
        assertThat(finding.evidence()).extracting("line").containsExactly(line);
    }

    /** The token, of which the spec says nothing: the kubelet has it mounted read-only. */
    @Test
    void whatTheRuntimeWasToldToMountReadOnlyIsToBeReadOnly() {
        String root = PODS + "/volumes/kubernetes.io~projected/token";
        OciBundle told = Bundles.of("web", "main")
                .mounts(new OciBundle.BundleMount("/token", "bind", root, List.of("rbind", "ro")))
                .bundle();
        Function<String, Nodes> node = option -> pod("{name: token, mountPath: /token}", "{name: token, projected: {}}")
                .bundles(told)
                .with(main().mounts(Mounts.ofContainer()
                        .with("600 391 254:0 " + root + " /token " + option + " - ext4 /dev/vda rw")));

        assertThat(node.apply("ro").drift()).isEmpty();
        assertThat(node.apply("rw").finding(CHECK).message())
                .isEqualTo("shop/web (container main) can write to what it may only read, at /token");
    }

    /** Some images mount it over their {@code /dev} themselves, to have udev in it. */
    @Test
    void devicesOfTheHostAreWhatPrivilegedMeans() {
        Mounts mounts = Mounts.ofContainer().with("600 393 0:5 / /dev rw - devtmpfs dev rw,mode=755");
        String privileged =
                "metadata: {name: web}\nspec: {containers: [{name: main, securityContext: {privileged: true}}]}";

        assertThat(Nodes.node().pods(privileged).with(main().mounts(mounts)).drift())
                .extracting(Finding::check)
                .doesNotContain(CHECK);
        assertThat(pod("", "").with(main().mounts(mounts)).finding(CHECK).effective())
                .containsExactly("/dev at /dev");
    }

    /** {@code ip netns add} and {@code ip netns attach}, where the network plugin keeps names of namespaces on the host. */
    @Test
    void namespaceThatTheContainerMadeOrIsInIsNotTheHostsAndAnotherPodsIs() {
        long own = main().inode(NamespaceType.NET).orElseThrow();
        Mounts names = Mounts.ofHost()
                .with(
                        "900 26 0:4 net:[" + own + "] /run/netns/cni-1 rw shared:40 - nsfs nsfs rw",
                        "901 26 0:4 net:[4026533000] /run/netns/cni-2 rw shared:41 - nsfs nsfs rw");
        LongFunction<Nodes> node = inode -> pod("", "")
                .hostMounts(Reading.of(names.table()))
                .with(main().mounts(Mounts.ofContainer()
                        .with("600 391 0:4 net:[" + inode + "] /run/netns/x rw - nsfs nsfs rw")));

        assertThat(node.apply(own).drift()).isEmpty();
        assertThat(node.apply(4026534000L).drift()).isEmpty();
        assertThat(node.apply(4026533000L).finding(CHECK).effective())
                .containsExactly("/run/netns/cni-2 at /run/netns/x");
    }

    /** Each with what the runtime was told, and what it leads to where that goes through a link or was unlinked since. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/hosts /var/lib/kubelet/pods/UID/etc-hosts /data/kubelet/pods/UID/etc-hosts",
                "/etc/hosts /var/lib/kubelet/pods/UID/etc-hosts /data/kubelet/pods/UID/etc-hosts//deleted",
                "/etc/hosts /var/lib/docker/containers/ID/hosts /srv/docker/containers/ID/hosts",
                "/etc/resolv.conf /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/ID/resolv.conf"
                        + " /mnt/root/io.containerd.grpc.v1.cri/sandboxes/ID/resolv.conf",
                "/etc/hostname /run/containers/storage/overlay-containers/ID/userdata/hostname"
                        + " /srv/overlay-containers/ID/userdata/hostname",
                "/dev/termination-log /var/lib/kubelet/pods/UID/containers/main/0f3a5b7c"
                        + " /data/kubelet/pods/UID/containers/main/0f3a5b7c"
            })
    void anotherFileInPlaceOfWhatTheRuntimeKeepsForTheContainerIsDrift(String pointSourceRoot) {
        String[] words = pointSourceRoot
                .replace("UID", Pods.uid("web"))
                .replace("ID", Pods.containerId("web", "main"))
                .split(" ", 3);
        OciBundle told = Bundles.of("web", "main")
                .mounts(new OciBundle.BundleMount(words[0], "bind", words[1], List.of("rbind", "rw")))
                .bundle();
        Function<String, Nodes> node = root -> pod("", "")
                .bundles(told)
                .with(main().mounts(Mounts.ofContainer()
                        .with("600 391 254:0 " + root + " " + words[0] + " rw - ext4 /dev/vda rw")));

        assertThat(node.apply(words[2]).drift()).isEmpty();
        Finding finding = node.apply("/etc/shadow").finding(CHECK);
        assertThat(finding.effective()).containsExactly("/etc/shadow at " + words[0]);
        assertThat(finding.cause()).isEqualTo(Cause.AFTER_START);
    }

    /** The memory that a sandbox shares has a place of its own, too; with hostIPC it is the host's. */
    @Test
    void anotherTmpfsOfTheHostInPlaceOfTheSharedMemoryIsDrift() {
        String source =
                "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/" + Pods.containerId("web", "sandbox") + "/shm";
        Function<String, Nodes> node = line -> pod("", "")
                .hostMounts(Reading.of(Mounts.ofHost()
                        .with("342 26 0:180 / " + source + " rw shared:29 - tmpfs shm rw,size=65536k")
                        .table()))
                .bundles(Bundles.of("web", "main")
                        .mounts(new OciBundle.BundleMount("/dev/shm", "bind", source, List.of("rbind")))
                        .bundle())
                .with(main().mounts(Mounts.ofContainer().without("/dev/shm").with(line)));

        assertThat(node.apply("398 393 0:180 / /dev/shm rw - tmpfs shm rw,size=65536k")
                        .drift())
                .isEmpty();
        assertThat(node.apply("398 393 0:22 / /dev/shm rw - tmpfs tmpfs rw,mode=755")
                        .finding(CHECK)
                        .effective())
                .containsExactly("/run at /dev/shm");
    }

    /** Docker and the kubelet of old may have other names for them, containerd's own client gives the host's: what is there is told. */
    @Test
    void whatTheRuntimeWasToldOfAnotherPlaceOrNobodyKnowsIsTaken() {
        Mounts mounts = Mounts.ofContainer()
                .with("600 391 0:22 /systemd/resolve/stub-resolv.conf /etc/resolv.conf ro - tmpfs tmpfs rw,mode=755");
        OciBundle told = Bundles.of("web", "main")
                .mounts(new OciBundle.BundleMount("/etc/resolv.conf", "bind", "/etc/resolv.conf", List.of("rbind")))
                .bundle();

        assertThat(pod("", "").bundles(told).with(main().mounts(mounts)).drift())
                .isEmpty();
        assertThat(pod("", "").with(main().mounts(mounts)).drift()).isEmpty();
        assertThat(pod("", "")
                        .bundles(Bundles.of("web", "main").bundle())
                        .with(main().mounts(mounts))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.AFTER_START);
    }

    /** By the runtime's own account there is one mount here, and none comes from the host by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"/logs", "/etc/resolv.conf"})
    void mountOverAVolumeThatTheHostDidNotSendIsNotTheVolume(String point) {
        OciBundle told = Bundles.of("web", "main")
                .mounts(new OciBundle.BundleMount(point, "bind", "/var/log", List.of("rbind", "rprivate")))
                .bundle();
        Function<String, Nodes> node = tags -> pod(
                        "{name: logs, mountPath: " + point + "}", "{name: logs, hostPath: {path: /var/log}}")
                .bundles(told)
                .with(main().mounts(Mounts.ofContainer()
                        .with(
                                "600 391 254:0 /disk/log " + point + " rw,relatime" + tags + " - ext4 /dev/vda rw",
                                "601 600 254:0 /etc " + point + " rw,relatime shared:1 - ext4 /dev/vda rw")));

        assertThat(node.apply(" master:1").drift()).isEmpty();
        Finding finding = node.apply("").finding(CHECK);
        assertThat(finding.effective()).containsExactly("/etc at " + point);
        assertThat(finding.cause()).isEqualTo(Cause.AFTER_START);
    }

    /** What the host has mounted below comes with it, and is read-only by recursiveReadOnly alone. */
    @Test
    void whatIsMountedOnAReadOnlyVolumeAndTheFilesOfOthersAreExplained() {
        Nodes node = pod(
                "{name: host, mountPath: /host, readOnly: true}, {name: log, mountPath: /log}",
                "{name: host, hostPath: {path: /}}, {name: log, hostPath: {path: /var/log}}");

        assertThat(node.with(main().mounts(Mounts.ofContainer()
                                .with(
                                        "600 391 254:0 / /host ro - ext4 /dev/vda rw",
                                        "601 600 254:0 /srv /host/srv rw - ext4 /dev/vda rw",
                                        "602 391 254:0 /var/log /log rw - ext4 /dev/vda rw",
                                        "603 391 254:0 /var/log/pods /elsewhere rw - ext4 /dev/vda rw",
                                        "604 391 254:0 " + PODS + "/etc-hosts /etc/hosts rw - ext4 /dev/vda rw")))
                        .drift())
                .isEmpty();
    }

    @Test
    void bundleThatHasTheMountTellsThatTheRuntimeMadeIt() {
        Mounts mounts = Mounts.ofContainer().with("600 391 254:0 /opt/nvidia /usr/nvidia ro - ext4 /dev/vda rw");
        OciBundle.BundleMount told =
                new OciBundle.BundleMount("/usr/nvidia", "bind", "/opt/nvidia", List.of("rbind", "ro"));

        assertThat(pod("", "")
                        .bundles(Bundles.of("web", "main").mounts(told).bundle())
                        .with(main().mounts(mounts))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.GRANTED_BY_RUNTIME);
        assertThat(pod("", "")
                        .bundles(Bundles.of("web", "main").bundle())
                        .with(main().mounts(mounts))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.AFTER_START);
    }

    /** A device plugin or CDI has the runtime mount a driver's files; what comes by another way, or after the start, is none of them. */
    @ParameterizedTest
    @ValueSource(strings = {"limits: {nvidia.com/gpu: '1'}", "claims: [{name: gpu}]"})
    void filesOfTheDriverOfDeclaredDeviceAreExplainedIfTheRuntimeWasToldOfThem(String resources) {
        String pod = "metadata: {name: web}\nspec: {containers: [{name: main, resources: {" + resources + "}}]}";
        Mounts driver = Mounts.ofContainer()
                .with("600 391 254:0 /usr/lib/libcuda.so.570 /usr/lib/libcuda.so.570 ro - ext4 /dev/vda rw");
        OciBundle told = Bundles.of("web", "main")
                .mounts(new OciBundle.BundleMount(
                        "/usr/lib/libcuda.so.570", "bind", "/lib/libcuda.so.570", List.of("rbind", "ro")))
                .bundle();

        assertThat(Nodes.node()
                        .pods(pod)
                        .bundles(told)
                        .with(main().mounts(driver))
                        .drift())
                .isEmpty();
        assertThat(Nodes.node()
                        .pods(pod)
                        .bundles(told)
                        .with(main().mounts(driver.with("601 391 254:0 /etc /mnt rw - ext4 /dev/vda rw")))
                        .finding(CHECK)
                        .effective())
                .containsExactly("/etc at /mnt");
        assertThat(Nodes.node()
                        .pods(pod.replaceAll(
                                "resources: .*}}]", "resources: {limits: {cpu: '1', hugepages-2Mi: 2Mi}}}]"))
                        .bundles(told)
                        .with(main().mounts(driver))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.GRANTED_BY_RUNTIME);
    }

    /** {@code kubectl debug node/x -- chroot /host}: the kernel names what it shows from the process's own root. */
    @Test
    void programInAChrootSeesItsVolumeUnderAnotherName() {
        Mounts host = Mounts.of(
                "600 391 254:0 / / rw - ext4 /dev/vda rw", "601 600 0:22 / /run rw - tmpfs tmpfs rw,mode=755");
        Nodes node = pod("{name: host, mountPath: /host}", "{name: host, hostPath: {path: /}}")
                .with(main().mounts(host.inChroot("/host")));

        assertThat(node.drift()).isEmpty();
        assertThat(node.verdict(CHECK, "main").orElseThrow().undetermined())
                .extracting(Undetermined::why)
                .containsExactly("read from a chroot to /host, which hides every mount outside of it");
        assertThat(pod("", "")
                        .with(main().mounts(host.inChroot("/host")))
                        .finding(CHECK)
                        .effective())
                .containsExactly("/ at /host", "/run at /host/run");
    }

    @Test
    void withoutTheHostsTableItIsOpen() {
        assertThat(pod("", "")
                        .hostMounts(new Reading.Unreadable<>("/proc/1/mountinfo", "EACCES"))
                        .with(main())
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.UNDETERMINED);
    }

    private static Nodes pod(String mount, String volume) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, volumeMounts: [" + mount
                        + "]}], volumes: [" + volume + "]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }

    /** In a mount namespace of its own. */
    private static Processes apart(Mounts mounts) {
        return Processes.of(101, "web", "main")
                .parent(100)
                .program("/usr/bin/x")
                .mounts(mounts);
    }
}
