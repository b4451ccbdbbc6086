package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Cause;
import io.plumbline.model.Finding;
import io.plumbline.model.MountTable;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Why a process is not under its profile: each cause leads to another way out. */
class AppArmorCheckTest {

    private static final String CHECK = "apparmor";
    private static final String LOCALHOST = "{appArmorProfile: {type: Localhost, localhostProfile: web}}";

    @Test
    void profileThatIsNotThereWasNeverOrIsNoMore() {
        assertThat(pod(LOCALHOST).profiles(Map.of()).with(main()).finding(CHECK).cause())
                .isEqualTo(Cause.OTHER_PROFILE);
        assertThat(pod(LOCALHOST)
                        .profiles(Map.of())
                        .with(main().label("unconfined"))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.PROFILE_NOT_LOADED);
    }

    /** Loaded again, or told to the runtime at the start: it was taken away while the process ran. */
    @Test
    void unconfinedProcessUnderALoadedProfileWasDetached() {
        assertThat(pod(LOCALHOST)
                        .profiles(Map.of("web", "enforce"))
                        .with(main().label("unconfined"))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.DETACHED);
        assertThat(pod(LOCALHOST)
                        .profiles(Map.of())
                        .bundles(Bundles.of("web", "main").appArmor("web").bundle())
                        .with(main().label("unconfined"))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.DETACHED);
    }

    @Test
    void complainModeIsWeakerAndNeedsNoNewPod() {
        Finding complain = pod(LOCALHOST).with(main().label("web (complain)")).finding(CHECK);
        Finding detached = pod(LOCALHOST)
                .profiles(Map.of("web", "enforce"))
                .with(main().label("unconfined"))
                .finding(CHECK);

        assertThat(complain.cause()).isEqualTo(Cause.COMPLAIN);
        assertThat(complain.remedy()).contains("enforce mode").doesNotContain("delete the pod");
        assertThat(detached.remedy()).contains("delete the pod");
    }

    /** containerd without apparmor_parser starts containers without its default, silently. */
    @Test
    void defaultThatTheRuntimeDidNotAskForIsAMissingParser() {
        assertThat(pod("{}")
                        .bundles(Bundles.of("web", "main").appArmor("").bundle())
                        .with(main().label("unconfined"))
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.PARSER_MISSING);
    }

    @Test
    void nodeWithoutAppArmorBreaksWhatIsNamedAndNotTheDefault() {
        Reading<Boolean> off = Reading.of(false);

        assertThat(pod(LOCALHOST).appArmor(off).with(main()).finding(CHECK).cause())
                .isEqualTo(Cause.APPARMOR_OFF);
        assertThat(pod("{}").appArmor(off).with(main()).verdict(CHECK, "main")).isEmpty();
    }

    /** kind, k3d: labels show that the kernel has it; without securityfs on the node the runtime takes it to be off. */
    @Test
    void nodeThatIsItselfAContainerShowsItsRuntimeNoAppArmor() {
        Reading<MountTable> mounts =
                Reading.of(Mounts.ofHost().without("/sys/kernel/security").table());
        Processes main = main().label("unconfined");

        assertThat(pod("{}").hostMounts(mounts).with(main).verdict(CHECK, "main"))
                .hasValueSatisfying(verdict -> {
                    assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
                    assertThat(verdict.effective()).containsExactly("unconfined");
                });
        assertThat(pod("{appArmorProfile: {type: RuntimeDefault}}")
                        .hostMounts(mounts)
                        .with(main)
                        .drift())
                .extracting(Finding::check)
                .containsExactly(CHECK);
    }

    private static final String STATIC = """
            metadata:
              name: web
              annotations:
                kubernetes.io/config.source: %s
                container.apparmor.security.beta.kubernetes.io/main: %s
            spec:
              securityContext: {appArmorProfile: %s}
              containers: [{name: main}]
            """;

    /** No API server has written the field of a static pod's container: pkg/security/apparmor/helpers.go. */
    @Test
    void annotationOfStaticPodStandsOverThePodsField() {
        String web = "{type: Localhost, localhostProfile: web}";
        String runtimeDefault = "{type: RuntimeDefault}";

        assertThat(Nodes.node()
                        .pods(STATIC.formatted("file", "localhost/web", runtimeDefault))
                        .with(main().label("web (enforce)"))
                        .drift())
                .isEmpty();
        assertThat(Nodes.node()
                        .pods(STATIC.formatted("file", "localhost/web", runtimeDefault))
                        .with(main().label("cri-containerd.apparmor.d (enforce)"))
                        .drift())
                .extracting(Finding::check)
                .containsExactly(CHECK);
        assertThat(Nodes.node()
                        .pods(STATIC.formatted("file", "unconfined", web))
                        .with(main().label("unconfined"))
                        .drift())
                .isEmpty();
        // No value that the kubelet knows: the pod's field is what is left.
        assertThat(Nodes.node()
                        .pods(STATIC.formatted("file", "web", web))
                        .with(main().label("web (enforce)"))
                        .drift())
                .isEmpty();
        assertThat(Nodes.node()
                        .pods(STATIC.formatted("api", "unconfined", web))
                        .with(main().label("unconfined"))
                        .drift())
                .extracting(Finding::check)
                .containsExactly(CHECK);
    }

    /** The kubelet hands the name on, and to the kernel it means what it says. */
    @Test
    void localhostProfileOfTheNameUnconfinedPromisesNothing() {
        assertThat(pod("{appArmorProfile: {type: Localhost, localhostProfile: unconfined}}")
                        .with(main().label("unconfined"))
                        .drift())
                .isEmpty();
    }

    @Test
    void labelThatCannotBeReadLeavesItOpen() {
        assertThat(pod(LOCALHOST)
                        .with(main().label(new Reading.Unreadable<>("/proc/100/attr/apparmor/current", "EACCES")))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.UNDETERMINED);
    }

    @Test
    void unconfinedThatIsDeclaredConformsAndIsShown() {
        Verdict verdict = pod("{appArmorProfile: {type: Unconfined}}")
                .with(main().label("unconfined"))
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
        assertThat(verdict.effective()).containsExactly("unconfined");
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
