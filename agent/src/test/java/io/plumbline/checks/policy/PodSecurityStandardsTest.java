package io.plumbline.checks.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.FindingKind;
import io.plumbline.model.PolicyViolation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodSecurityStandardsTest {

    private static final Set<String> BASELINE_FROM_THE_START = Set.of(
            "app-armor-profile",
            "capabilities-baseline",
            "host-namespaces",
            "host-path-volumes",
            "host-ports",
            "privileged",
            "proc-mount",
            "se-linux-options",
            "seccomp-profile-baseline",
            "sysctls",
            "windows-host-process");

    /** What changed in which version, from upstream's registry: a check came, or went because another one replaces it. */
    private static final Map<Integer, String> BASELINE_HISTORY = Map.of(34, "+host-probes-and-host-lifecycle");

    private static final Map<Integer, String> RESTRICTED_HISTORY = Map.of(
            0, "-host-path-volumes +restricted-volumes +run-as-non-root",
            8, "+allow-privilege-escalation",
            19, "-seccomp-profile-baseline +seccomp-profile-restricted",
            22, "-capabilities-baseline +capabilities-restricted",
            23, "+run-as-user",
            34, "+host-probes-and-host-lifecycle",
            35, "-proc-mount +proc-mount-restricted");

    private final PodSecurityStandards standards = new PodSecurityStandards(PolicyChecks.all());

    @Test
    void eachVersionHasTheChecksThatUpstreamHasInIt() {
        assertThat(inForce(PodSecurityLevel.BASELINE)).isEqualTo(history(BASELINE_HISTORY));
        assertThat(inForce(PodSecurityLevel.RESTRICTED)).isEqualTo(history(RESTRICTED_HISTORY));
    }

    @Test
    void editionsAreDatedAsUpstreamDatesThem() {
        Map<String, List<String>> dated = new TreeMap<>();
        for (PolicyCheck check : PolicyChecks.all()) {
            dated.put(
                    check.id(),
                    check.editions().stream()
                            .map(edition -> edition.since().toString())
                            .toList());
        }
        assertThat(dated).containsEntry("sysctls", List.of("v1.0", "v1.27", "v1.29", "v1.32", "v1.37"));
        assertThat(dated).containsEntry("se-linux-options", List.of("v1.0", "v1.31"));
        assertThat(dated).containsEntry("seccomp-profile-baseline", List.of("v1.0", "v1.19"));
        assertThat(dated).containsEntry("seccomp-profile-restricted", List.of("v1.19", "v1.25"));
        assertThat(dated).containsEntry("capabilities-restricted", List.of("v1.22", "v1.25"));
        assertThat(dated).containsEntry("allow-privilege-escalation", List.of("v1.8", "v1.25"));
        assertThat(dated).containsEntry("proc-mount", List.of("v1.0", "v1.35"));
        assertThat(dated).containsEntry("run-as-non-root", List.of("v1.0", "v1.35"));
        assertThat(dated).containsEntry("run-as-user", List.of("v1.23", "v1.35"));
        assertThat(dated.values().stream().mapToInt(List::size).sum()).isEqualTo(19 + 12);
    }

    @Test
    void privilegedAsksNothing() {
        assertThat(standards.inForce(PodSecurityLevel.PRIVILEGED, PodSecurityVersion.LATEST))
                .isEmpty();
        assertThat(standards.judge(
                        Cases.pod("spec: {hostPID: true, containers: [{name: a}]}"),
                        PodSecurityLevel.PRIVILEGED,
                        PodSecurityVersion.LATEST))
                .isEmpty();
    }

    @Test
    void versionNotKnownYetIsJudgedByTheNewestOne() {
        assertThat(standards.newest()).isEqualTo(new PodSecurityVersion(37));
        assertThat(standards.known(PodSecurityVersion.LATEST)).hasToString("v1.37");
        assertThat(standards.known(new PodSecurityVersion(99))).hasToString("v1.37");
        assertThat(standards.known(new PodSecurityVersion(36))).hasToString("v1.36");
        assertThat(standards.inForce(PodSecurityLevel.RESTRICTED, new PodSecurityVersion(99)))
                .isEqualTo(standards.inForce(PodSecurityLevel.RESTRICTED, PodSecurityVersion.LATEST));
    }

    @Test
    void replacedCheckSaysNothingBesideTheOneThatReplacesIt() {
        String pod = """
                spec:
                  securityContext: {runAsNonRoot: true, seccompProfile: {type: Unconfined}}
                  volumes: [{name: v, hostPath: {path: /}}]
                  containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {add: [SYS_TIME]}}}]
                """;
        assertThat(violated(pod, PodSecurityLevel.BASELINE, "v1.29"))
                .containsExactly("capabilities-baseline", "host-path-volumes", "seccomp-profile-baseline");
        assertThat(violated(pod, PodSecurityLevel.RESTRICTED, "v1.29"))
                .containsExactly("capabilities-restricted", "restricted-volumes", "seccomp-profile-restricted");
        assertThat(violated(pod, PodSecurityLevel.RESTRICTED, "v1.21"))
                .containsExactly("capabilities-baseline", "restricted-volumes", "seccomp-profile-restricted");
        assertThat(violated(pod, PodSecurityLevel.RESTRICTED, "v1.18"))
                .containsExactly("capabilities-baseline", "restricted-volumes");
    }

    @Test
    void minimalPodOfRestrictedIsAllowed() {
        String pod = """
                spec:
                  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
                  containers: [{name: a, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
                """;
        for (int minor = 0; minor <= 37; minor++) {
            assertThat(violated(pod, PodSecurityLevel.RESTRICTED, "v1." + minor))
                    .isEmpty();
        }
    }

    @Test
    void describesEveryCheckByItsOwnWords() {
        List<CheckDescription> all =
                PolicyChecks.all().stream().map(PolicyCheck::description).toList();
        assertThat(all).extracting(CheckDescription::id).doesNotHaveDuplicates().hasSize(19);
        assertThat(all).extracting(CheckDescription::kind).containsOnly(FindingKind.POLICY);
        assertThat(all).allSatisfy(check -> {
            assertThat(check.id()).matches("[a-z]+(-[a-z]+)*");
            assertThat(List.of(check.title(), check.promise(), check.reads(), check.remedy()))
                    .allSatisfy(text -> assertThat(text).isNotBlank().doesNotContain("null"));
            assertThat(check.promise()).endsWith(".").doesNotContain("..");
            assertThat(check.reads()).endsWith(".");
            assertThat(check.remedy()).endsWith(".").doesNotEndWith("..");
        });
        for (PolicyCheck check : PolicyChecks.all()) {
            assertThat(check.description().severity())
                    .isEqualTo(check.level() == PodSecurityLevel.BASELINE ? "medium" : "low");
            // since when, in the words for people
            assertThat(check.description().promise())
                    .contains("from " + check.editions().get(0).since());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"v1.0", "v1.1", "v1.37", "v1.100", "v1.999999999"})
    void versionIsVOneAndAMinor(String text) {
        assertThat(PodSecurityVersion.of(text).orElseThrow()).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1.29",
                "v1",
                "v1.",
                "v1.01",
                "v1.-1",
                "v2.0",
                "v0.9",
                "V1.2",
                "v1.2.3",
                "v1.2 ",
                "Latest",
                "v1.9999999999"
            })
    void otherTextIsNoVersion(String text) {
        assertThat(PodSecurityVersion.of(text)).isEmpty();
    }

    @Test
    void latestIsNewerThanAll() {
        assertThat(PodSecurityVersion.of("latest")).contains(PodSecurityVersion.LATEST);
        assertThat(PodSecurityVersion.LATEST).isGreaterThan(new PodSecurityVersion(999_999_999));
        assertThat(PodSecurityVersion.LATEST).hasToString("latest");
        assertThatThrownBy(() -> new PodSecurityVersion(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void levelsAreTheWordsOfTheLabels() {
        assertThat(PodSecurityLevel.ofWord("privileged")).contains(PodSecurityLevel.PRIVILEGED);
        assertThat(PodSecurityLevel.ofWord("baseline")).contains(PodSecurityLevel.BASELINE);
        assertThat(PodSecurityLevel.ofWord("restricted")).contains(PodSecurityLevel.RESTRICTED);
        assertThat(PodSecurityLevel.ofWord("Baseline")).isEmpty();
        assertThat(PodSecurityLevel.RESTRICTED.word()).isEqualTo("restricted");
    }

    @Test
    void listWithAnImpossibleHistoryIsRefused() {
        PolicyCheck baseline = check("base", PodSecurityLevel.BASELINE, edition(0));
        assertRefused("no checks");
        assertRefused("twice", baseline, baseline);
        assertRefused("no edition", check("x", PodSecurityLevel.BASELINE));
        assertRefused("asks nothing", check("x", PodSecurityLevel.PRIVILEGED, edition(0)));
        assertRefused("out of order", check("x", PodSecurityLevel.BASELINE, edition(2), edition(1)));
        assertRefused("out of order", check("x", PodSecurityLevel.BASELINE, edition(1), edition(1)));
        assertRefused("without a date", check("x", PodSecurityLevel.BASELINE, edition(Integer.MAX_VALUE)));
        assertRefused(
                "not of restricted",
                baseline,
                check("x", PodSecurityLevel.BASELINE, edition(0).replacing("base")));
        assertRefused(
                "no check of baseline",
                baseline,
                check("x", PodSecurityLevel.RESTRICTED, edition(0).replacing("y")));
        assertThat(new PodSecurityStandards(List.of(
                                baseline,
                                check(
                                        "x",
                                        PodSecurityLevel.RESTRICTED,
                                        edition(3).replacing("base"))))
                        .newest())
                .isEqualTo(new PodSecurityVersion(3));
    }

    private static void assertRefused(String because, PolicyCheck... checks) {
        assertThatThrownBy(() -> new PodSecurityStandards(List.of(checks)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(because);
    }

    private static Edition edition(int minor) {
        return Edition.since(minor, pod -> Optional.empty());
    }

    private static PolicyCheck check(String id, PodSecurityLevel level, Edition... editions) {
        return new PolicyCheck() {
            @Override
            public CheckDescription description() {
                return PolicyDescription.of(id, level, "title", "promise", "fields", "allowed", "remedy");
            }

            @Override
            public PodSecurityLevel level() {
                return level;
            }

            @Override
            public List<Edition> editions() {
                return List.of(editions);
            }
        };
    }

    private List<String> violated(String pod, PodSecurityLevel level, String version) {
        return standards
                .judge(Cases.pod(pod), level, PodSecurityVersion.of(version).orElseThrow())
                .stream()
                .map(PolicyViolation::check)
                .toList();
    }

    private List<Set<String>> inForce(PodSecurityLevel level) {
        return IntStream.rangeClosed(0, 37)
                .mapToObj(minor -> standards.inForce(level, new PodSecurityVersion(minor)).stream()
                        .map(PolicyCheck::id))
                .<Set<String>>map(ids -> new TreeSet<>(ids.toList()))
                .toList();
    }

    private static List<Set<String>> history(Map<Integer, String> changes) {
        Set<String> now = new TreeSet<>(BASELINE_FROM_THE_START);
        List<Set<String>> history = new ArrayList<>();
        for (int minor = 0; minor <= 37; minor++) {
            Stream.of(changes.getOrDefault(minor, "").split(" ", -1))
                    .filter(change -> !change.isEmpty())
                    .forEach(change -> {
                        if (change.startsWith("+")) {
                            now.add(change.substring(1));
                        } else {
                            now.remove(change.substring(1));
                        }
                    });
            history.add(new TreeSet<>(now));
        }
        return history;
    }
}
