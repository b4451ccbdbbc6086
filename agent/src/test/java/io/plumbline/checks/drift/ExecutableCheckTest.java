package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Evidence;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where the running program lies. */
class ExecutableCheckTest {

    private static final String CHECK = "executable";

    @ParameterizedTest
    @CsvSource({
        "IMAGE, CONFORMS",
        "WRITABLE_LAYER, VIOLATES",
        "MEMFD, VIOLATES",
        "DELETED, VIOLATES",
        "HOST, VIOLATES",
    })
    void programThatIsNotFromTheImageIsDrift(ExecutableOrigin.Kind kind, Outcome outcome) {
        assertThat(pod("", "")
                        .with(main().program("/tmp/x").origin(kind, "/u/tmp/x"))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(outcome);
    }

    /** By {@code /proc/<pid>/root}; of its own pod any container may, and a program stays where it was when its process leaves that. */
    @Test
    void programOfAnotherPodIsDriftAndOfItsOwnIsNone() {
        Processes beside = Processes.of(120, "web", "side");
        Processes other = Processes.of(200, "other", "main");
        LongFunction<List<Finding>> drift = namespace -> Nodes.node()
                .pods("""
                        metadata: {name: web}
                        spec: {containers: [{name: main}, {name: side}]}
                        ---
                        metadata: {name: other}
                        spec: {containers: [{name: main}]}
                        """)
                .with(
                        beside,
                        other,
                        main().origin(Reading.of(
                                new ExecutableOrigin(ExecutableOrigin.Kind.IMAGE, "/u/bin/x: absent").in(namespace))))
                .drift();

        assertThat(drift.apply(main().inode(NamespaceType.MNT).orElseThrow())).isEmpty();
        assertThat(drift.apply(beside.inode(NamespaceType.MNT).orElseThrow())).isEmpty();
        assertThat(drift.apply(other.inode(NamespaceType.MNT).orElseThrow()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.effective()).containsExactly("another pod's"));
    }

    /** Created and not started yet: what waits in it is the node's own, as it should be. */
    @Test
    void runtimeThatWaitsInAContainerIsNoDrift() {
        String node = "25 1 254:0 / / rw,noatime shared:1 - ext4 /dev/vda rw";

        assertThat(pod("", "")
                        .with(main().program("/usr/sbin/runc")
                                .age(Duration.ofSeconds(20))
                                .origin(ExecutableOrigin.Kind.HOST, node))
                        .drift())
                .isEmpty();
        assertThat(pod("", "")
                        .with(main().program("/usr/sbin/tcpdump").origin(ExecutableOrigin.Kind.HOST, node))
                        .finding(CHECK)
                        .evidence())
                .extracting(Evidence::line)
                .containsExactly("/usr/sbin/tcpdump", node);
    }

    @Test
    void upperLayersFileIsTheEvidence() {
        Finding finding = pod("", "")
                .with(main().program("/tmp/x").origin(ExecutableOrigin.Kind.WRITABLE_LAYER, "/u/tmp/x"))
                .finding(CHECK);

        assertThat(finding.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(finding.evidence()).extracting("source").containsExactly("/proc/100/exe", "/u/tmp/x");
    }

    @Test
    void programOnADeclaredVolumeConformsAndOnAnotherMountDoesNot() {
        String volume = "600 391 254:0 /var/lib/kubelet/pods/" + Pods.uid("web")
                + "/volumes/kubernetes.io~empty-dir/tools /tools rw - ext4 /dev/vda rw";
        Nodes node = pod("{name: tools, mountPath: /tools}", "{name: tools, emptyDir: {}}");

        assertThat(node.with(main().program("/tools/run")
                                .origin(ExecutableOrigin.Kind.VOLUME, "/tools")
                                .mounts(Mounts.ofContainer().with(volume)))
                        .drift())
                .isEmpty();
        String ofTheImage = "600 391 254:0 /var/lib/containerd/io.containerd.grpc.v1.cri/containers/"
                + Pods.containerId("web", "main") + "/volumes/008c /data rw - ext4 /dev/vda rw";
        assertThat(pod("", "")
                        .with(main().program("/data/run")
                                .origin(ExecutableOrigin.Kind.VOLUME, "/data")
                                .mounts(Mounts.ofContainer().with(ofTheImage)))
                        .drift())
                .isEmpty();
        assertThat(pod("", "")
                        .with(main().program("/dev/shm/run").origin(ExecutableOrigin.Kind.VOLUME, "/dev/shm"))
                        .finding(CHECK)
                        .effective())
                .containsExactly("no volume");
    }

    /** Its layers are what the process says: where the host has nothing at that path, that says nothing of the image. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "900 899 0:201 / / rw - overlay overlay rw,lowerdir=/,upperdir=/tmp/up,workdir=/tmp/w,userxattr",
                "900 899 0:201 / / rw - tmpfs tmpfs rw"
            })
    void programOnAFileSystemThatTheContainerMountedForItselfIsNotTheImages(String root) {
        Finding finding = pod("", "")
                .with(main(), nested(root).origin(ExecutableOrigin.Kind.IMAGE, "/tmp/up/bin/x: absent"))
                .finding(CHECK);

        assertThat(finding.effective()).contains("no volume");
        assertThat(finding.evidence()).extracting("line").contains(root);
    }

    @Test
    void layersOnAVolumeAreAContainersInTheContainer() {
        String volume = "600 391 254:0 /var/lib/kubelet/pods/" + Pods.uid("web")
                + "/volumes/kubernetes.io~empty-dir/docker /var/lib/docker rw - ext4 /dev/vda rw";
        String root =
                "900 899 0:201 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A:/var/lib/docker/overlay2/l/B,"
                        + "upperdir=/var/lib/docker/overlay2/1/diff,workdir=/var/lib/docker/overlay2/1/work";
        assertThat(pod("{name: docker, mountPath: /var/lib/docker}", "{name: docker, emptyDir: {}}")
                        .with(
                                main().mounts(Mounts.ofContainer().with(volume)),
                                nested(root).origin(ExecutableOrigin.Kind.IMAGE, "absent"))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    /** bubblewrap: the container's own files, mounted once more below an empty root. */
    @Test
    void containersOwnFilesUnderAnotherRootAreTheImages() {
        assertThat(pod("", "")
                        .with(
                                main(),
                                nested(
                                                "900 899 0:201 /newroot / rw - tmpfs tmpfs rw",
                                                "901 900 0:168 /usr /usr ro - overlay overlay rw,lowerdir=/l,upperdir=/u,workdir=/w")
                                        .origin(ExecutableOrigin.Kind.IMAGE, "absent"))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    @Test
    void linkThatCannotBeReadIsUndetermined() {
        Verdict verdict = pod("", "")
                .with(main().origin(new Reading.Unreadable<>("/proc/100/exe", "EACCES")))
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
        assertThat(verdict.undetermined().get(0).source()).isEqualTo("/proc/100/exe");
    }

    private static Nodes pod(String mount, String volume) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, volumeMounts: [" + mount
                        + "]}], volumes: [" + volume + "]}");
    }

    private static Processes nested(String... mounts) {
        return Processes.of(101, "web", "main")
                .parent(100)
                .namespace(NamespaceType.MNT, Reading.of(4026539999L))
                .program("/usr/bin/x")
                .mounts(Mounts.of(mounts));
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
