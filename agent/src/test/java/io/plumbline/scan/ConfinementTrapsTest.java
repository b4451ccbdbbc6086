package io.plumbline.scan;

import static io.plumbline.scan.RightContainer.drift;
import static io.plumbline.scan.RightContainer.main;
import static io.plumbline.scan.RightContainer.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.Finding;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How AppArmor's labels, seccomp's filters and the mounts of a right container look wrong: each trap under its number, and beside each
 * the neighbour that is wrong indeed.
 */
class ConfinementTrapsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "web (enforce)|conforms",
                "web (enforce)\\n|conforms",
                "web (enforce)\\0|conforms",
                "web (kill)|conforms",
                "web//worker (enforce)|conforms",
                "outer//&web (enforce)|conforms",
                "web//&:ns1://inner (enforce)|conforms",
                "web//&loose (mixed)|conforms",
                "web (complain)|violates",
                "web (unconfined)|violates",
                "web (prompt)|violates",
                "web//null-/bin/sh (complain)|violates",
                "loose//&other (mixed)|violates",
                "webber (enforce)|violates",
                "runc (unconfined)|violates",
                "unconfined|violates"
            })
    void trap11LabelsOfAppArmorAreMoreThanAName(String label, String outcome) {
        Nodes node = pod("{appArmorProfile: {type: Localhost, localhostProfile: web}}")
                .profiles(Map.of("web", "enforce", "loose", "complain", "other", "enforce"))
                .with(main().label(label.replace("\\n", "\n").replace("\\0", "\0")));

        assertThat(drift(node)).satisfies(drift -> {
            if (outcome.equals("conforms")) {
                assertThat(drift).isEmpty();
            } else {
                assertThat(drift).containsOnlyKeys("apparmor");
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "containerd, cri-containerd.apparmor.d",
        "cri-o, crio-default",
        "docker, docker-default",
    })
    void trap12RuntimesCallTheirDefaultProfileDifferently(String runtime, String profile) {
        String pod = """
                metadata: {name: web}
                spec: {containers: [{name: main, securityContext: {appArmorProfile: {type: RuntimeDefault}}}]}
                status: {containerStatuses: [{name: main, containerID: "%s://%s", state: {running: {}}}]}
                """.formatted(runtime, Pods.containerId("web", "main"));
        Nodes node = Nodes.node().profiles(Map.of(profile, "enforce")).pods(pod);
        CapabilitySet least = CapabilitySet.of(Capability.CHOWN);

        assertThat(drift(node.with(main().label(profile + " (enforce)").capabilities(least))))
                .isEmpty();
        assertThat(drift(Nodes.node()
                        .pods(pod)
                        .with(main().label("other (enforce)").capabilities(least))))
                .containsOnlyKeys("apparmor");
    }

    /** CRI-O's {@code apparmor_profile} may name another one: the bundle says which. */
    @Test
    void trap12ConfiguredDefaultProfileIsTheBundles() {
        Nodes node = pod("{}")
                .bundles(Bundles.of("web", "main").appArmor("company-default").bundle());

        assertThat(drift(node.with(main().label("company-default (enforce)")))).isEmpty();
    }

    @Test
    void trap13FieldStandsOverAnnotationAndAnIgnoredAnnotationIsNamed() {
        String pod = """
                metadata:
                  name: web
                  annotations: {container.apparmor.security.beta.kubernetes.io/main: localhost/old}
                spec: {containers: [{name: main%s}]}
                """;
        Nodes both = Nodes.node()
                .pods(pod.formatted(", securityContext: {appArmorProfile: {type: Localhost, localhostProfile: new}}"));
        assertThat(drift(both.with(main().label("new (enforce)")))).isEmpty();

        Nodes honoured = Nodes.node().pods(pod.formatted(""));
        assertThat(drift(honoured.with(main().label("old (enforce)")))).isEmpty();

        // The runtime was told of its own default: the annotation fell on the way.
        Finding ignored = Nodes.node()
                .pods(pod.formatted(""))
                .bundles(Bundles.of("web", "main").bundle())
                .with(main())
                .finding("apparmor");
        assertThat(ignored.cause()).isEqualTo(Cause.ANNOTATION_IGNORED);
    }

    @Test
    void trap14ChildUnderNoNewPrivilegesMayKeepOrStackItsParentsLabel() {
        String context = "{allowPrivilegeEscalation: false, appArmorProfile: {type: Localhost, localhostProfile: web}}";
        Processes first = main().label("web (enforce)").noNewPrivileges();
        Processes same = Processes.of(101, "web", "main")
                .besides(first)
                .parent(100)
                .noNewPrivileges()
                .label("web (enforce)");

        assertThat(drift(pod(context).with(first, same))).isEmpty();
        assertThat(drift(pod(context).with(first, same.label("web//&inner (enforce)"))))
                .isEmpty();
        assertThat(drift(pod(context).with(first, same.label("inner (enforce)"))))
                .containsOnlyKeys("apparmor");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{seccompProfile: {type: Unconfined}}", "{seccompProfile: {type: RuntimeDefault}}"})
    void trap15FilterThatNobodyAskedForIsStricter(String context) {
        assertThat(drift(pod(context).with(main().seccomp(2)))).isEmpty();
    }

    @Test
    void trap15PrivilegedRunsWithoutTheFilterThatItDeclares() {
        String privileged = "{privileged: true, seccompProfile: {type: RuntimeDefault}}";
        Processes process = main().seccomp(0)
                .capabilities(Processes.ALL_CAPABILITIES)
                .label("unconfined")
                .mounts(Mounts.of("1 0 0:168 / / rw - overlay overlay rw", "2 1 0:171 / /proc rw - proc proc rw"));

        assertThat(drift(pod(privileged).with(process))).isEmpty();
        assertThat(drift(pod("{seccompProfile: {type: RuntimeDefault}}").with(main().seccomp(0))))
                .containsOnlyKeys("seccomp");
        assertThat(drift(pod("{}").seccompDefault().with(main().seccomp(0)))).containsOnlyKeys("seccomp");
    }

    @Test
    void trap16ReadOnlyIsThePerMountOptionAndNotTheSuperOption() {
        String context = "{readOnlyRootFilesystem: true}";
        Mounts readOnly = Mounts.ofContainer().readOnlyRoot();

        assertThat(readOnly.table().at("/").orElseThrow().line())
                .contains(" / / ro,")
                .contains(" overlay rw,");
        assertThat(drift(pod(context).with(main().mounts(readOnly)))).isEmpty();
        assertThat(drift(pod("{}").with(main().mounts(readOnly)))).isEmpty();
        assertThat(drift(pod(context).with(main()))).containsOnlyKeys("root-filesystem");
        // Each mount at / counts, and a file system that is read-only itself needs no option.
        assertThat(drift(pod(context).with(main().mounts(Mounts.of("500 391 0:168 / / rw - squashfs image ro")))))
                .isEmpty();
        assertThat(drift(pod(context)
                        .with(main().mounts(readOnly.with("500 391 0:168 / / rw,relatime - overlay overlay rw")))))
                .containsOnlyKeys("root-filesystem");
    }

    @Test
    void trap16VolumesStayWritableUnderAReadOnlyRoot() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  containers:
                  - {name: main, securityContext: {readOnlyRootFilesystem: true}, volumeMounts: [{name: data, mountPath: /data}]}
                  volumes: [{name: data, emptyDir: {}}]
                """);
        String volume = "510 391 254:0 /var/lib/kubelet/pods/" + Pods.uid("web")
                + "/volumes/kubernetes.io~empty-dir/data /data rw,relatime - ext4 /dev/vda rw";
        String hosts = "511 391 254:0 /var/lib/kubelet/pods/" + Pods.uid("web")
                + "/etc-hosts /etc/hosts rw,relatime - ext4 /dev/vda rw";

        assertThat(drift(node.with(
                        main().mounts(Mounts.ofContainer().readOnlyRoot().with(volume, hosts)))))
                .isEmpty();
    }

    /** What bane generates is loaded under another name than its file says, and that one is what pods have to name. */
    @Test
    void trap24BanesProfilesAreCalledDockerSomething() {
        Map<String, String> loaded = Map.of("docker-nginx-sample", "enforce");
        Processes process = main().label("docker-nginx-sample (enforce)");

        assertThat(drift(pod("{appArmorProfile: {type: Localhost, localhostProfile: docker-nginx-sample}}")
                        .profiles(loaded)
                        .with(process)))
                .isEmpty();
        assertThat(pod("{appArmorProfile: {type: Localhost, localhostProfile: nginx-sample}}")
                        .profiles(loaded)
                        .with(process)
                        .finding("apparmor")
                        .cause())
                .isEqualTo(Cause.OTHER_PROFILE);
    }
}
