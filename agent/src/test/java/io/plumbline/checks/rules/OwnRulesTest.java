package io.plumbline.checks.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.checks.CheckDescription;
import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.PolicySet;
import io.plumbline.model.PolicySet.OwnRule;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Undetermined;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules in CEL: what they are told, what they cost, and what is said of those that cannot be asked. */
class OwnRulesTest {

    private static final Path EXAMPLES = Path.of("../docs/examples/rules.yaml");
    private static final Path PAGE = Path.of("../docs/checks/own-rules.md");

    private static final String POD =
            "metadata: {name: web, labels: {owner: team}}\nspec: {containers: [{name: main, image: 'r/app@sha256:1'}]}";

    private static OwnRule rule(String expression) {
        return new OwnRule("mine", Severity.HIGH, "Not so", "Do it.", expression, "rules.yaml", 7);
    }

    private static PolicySet rules(OwnRule... rules) {
        return new PolicySet(List.of(), List.of(), List.of(), List.of(rules));
    }

    private static Processes process() {
        return Processes.of(100, "web", "main");
    }

    private static Nodes node(String expression, Processes... processes) {
        return Nodes.node().pods(POD).with(processes).policy(rules(rule(expression)));
    }

    private static Optional<Finding> finding(Nodes node, String rule) {
        return node.findings().stream()
                .filter(finding -> finding.check().equals(rule))
                .findFirst();
    }

    private static Optional<Verdict> verdict(Nodes node) {
        return node.report().containers().stream()
                .flatMap(container -> container.beside().stream())
                .filter(verdict -> verdict.check().equals("mine"))
                .findFirst();
    }

    @Test
    void ruleThatDoesNotHoldIsAFindingWithWhoBreaksItAndWhatWasRead() {
        Nodes node = node("process.effectiveUid != 0", process().uid(1000), process(101));

        Finding finding = finding(node, "mine").orElseThrow();
        assertThat(finding.kind()).isEqualTo(FindingKind.POLICY);
        assertThat(finding.severity()).isEqualTo(Severity.HIGH);
        assertThat(finding.message()).isEqualTo("shop/web (container main): Not so");
        assertThat(finding.remedy()).isEqualTo("Do it.");
        assertThat(finding.policy()).contains("rule mine of rules.yaml");
        assertThat(finding.expected()).containsExactly("process.effectiveUid != 0");
        assertThat(finding.processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(101);
        assertThat(finding.evidence())
                .anyMatch(line ->
                        line.source().equals("/proc/101/status") && line.line().equals("process.effectiveUid 0"));
    }

    private static Processes process(int pid) {
        return Processes.of(pid, "web", "main");
    }

    @Test
    void threadWithOtherCredentialsIsAskedToo() {
        Nodes node = node("process.effectiveUid != 0", process().uid(1000).thread(111, process()));

        assertThat(finding(node, "mine").orElseThrow().evidence())
                .anyMatch(line -> line.source().equals("/proc/100/task/111/status"));
    }

    @Test
    void threadInOtherNamespacesIsAskedToo() {
        Reading<Long> hosts = Reading.of(Nodes.hostNamespace(NamespaceType.NET));
        Nodes node = node("!('net' in process.hostNamespaces)", process().threadIn(111, NamespaceType.NET, hosts));

        assertThat(finding(node, "mine").orElseThrow().evidence())
                .allMatch(line -> line.source().equals("/proc/100/task/111/status"))
                .isNotEmpty();
    }

    @Test
    void ruleMayAskWhatTheRuntimeWasTold() {
        String expression = "container.granted.capabilities.all(one, one in container.expected.capabilities)";

        assertThat(finding(
                        node(expression, process())
                                .bundles(Bundles.of("web", "main")
                                        .capabilities(new CapabilitySet(~0L))
                                        .bundle()),
                        "mine"))
                .hasValueSatisfying(finding -> assertThat(finding.evidence())
                        .anyMatch(line -> line.line().startsWith("container.granted.capabilities [")));
        assertThat(finding(node("container.granted.runtime != ''", process()), "mine"))
                .isEmpty();
        assertThat(verdict(node("container.granted.runtime != ''", process()))
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Verdict.Outcome.UNDETERMINED);
    }

    @Test
    void ruleSaysOfItselfWhatACheckSays() {
        assertThat(OwnRules.of(List.of(rule("process.effectiveUid != 0 || pod.hostPID")), List.of())
                        .descriptions())
                .containsExactly(new CheckDescription(
                        "mine",
                        FindingKind.POLICY,
                        "high",
                        "Not so",
                        "process.effectiveUid != 0 || pod.hostPID",
                        "pod.hostPID, process.effectiveUid",
                        "Do it.",
                        "own-rules"));
    }

    @Test
    void ruleOnTheContainerIsAskedOnce() {
        assertThat(finding(node("container.image.startsWith('other/')", process(), process(101)), "mine"))
                .hasValueSatisfying(finding -> assertThat(finding.processes()).isEmpty());
        assertThat(finding(node("container.image.startsWith('r/')", process()), "mine"))
                .isEmpty();
    }

    @Test
    void builtInPolicyHoldsBesideRules() {
        assertThat(node("true", process()).findings())
                .extracting(Finding::check)
                .contains("run-as-non-root");
    }

    @Test
    void fieldThatCouldNotBeReadMakesTheRuleUndeterminedAndNotFalse() {
        Nodes node = node("process.effectiveUid != 0", process().credentialsUnreadable("EACCES"));

        assertThat(finding(node, "mine")).isEmpty();
        assertThat(verdict(node).orElseThrow().outcome()).isEqualTo(Verdict.Outcome.UNDETERMINED);
        assertThat(verdict(node).orElseThrow().undetermined())
                .containsExactly(new Undetermined("/proc/100/status", "EACCES", 100));
    }

    @Test
    void whatIsTrueOrFalseAnywayIsNotUndetermined() {
        Processes unreadable = process().credentialsUnreadable("EACCES");

        assertThat(verdict(node("process.effectiveUid != 0 || container.name == 'main'", unreadable)))
                .isEmpty();
        assertThat(finding(node("process.effectiveUid != 0 && container.name == 'other'", unreadable), "mine"))
                .isPresent();
    }

    @Test
    void processThatBreaksItCountsAlthoughAnotherCouldNotBeRead() {
        Verdict verdict = verdict(
                        node("process.effectiveUid != 0", process().credentialsUnreadable("EACCES"), process(101)))
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.VIOLATES);
        assertThat(verdict.undetermined()).hasSize(1);
    }

    @Test
    void whatAnOldKernelDoesNotShowIsUndetermined() {
        assertThat(verdict(node("process.noNewPrivileges", process().withoutNewFields()))
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Verdict.Outcome.UNDETERMINED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "process.groups.all(a, process.groups.all(b, process.groups.all(c, a + b + c >= 0)))",
                "process.groups.filter(a, process.groups.exists(b, process.groups.exists(c, b - c == a))).size() == 0"
            })
    void ruleThatWouldRunTooLongIsStoppedAndUndetermined(String expression) {
        long start = System.nanoTime();
        Nodes node =
                node(expression, process().groups(LongStream.rangeClosed(1, 500).toArray()), process(101));
        Verdict verdict = verdict(node).orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.UNDETERMINED);
        assertThat(verdict.undetermined())
                .singleElement()
                .satisfies(why -> assertThat(why.why()).contains("budget exceeded: 10000"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void ruleThatWasStoppedIsNotAskedOfOtherContainersOfTheScan() {
        Nodes node = Nodes.node()
                .pods(POD + "\n---\nmetadata: {name: other}")
                .with(
                        process().groups(LongStream.rangeClosed(1, 500).toArray()),
                        Processes.of(200, "other", "main")
                                .groups(LongStream.rangeClosed(1, 500).toArray()))
                .policy(rules(rule("process.groups.all(a, process.groups.all(b, a + b >= 0))")));

        assertThat(node.report().containers().stream()
                        .flatMap(container -> container.beside().stream())
                        .filter(verdict -> verdict.check().equals("mine"))
                        .flatMap(verdict -> verdict.undetermined().stream())
                        .map(Undetermined::why)
                        .toList())
                .hasSize(2)
                .anyMatch(why -> why.contains("on another container"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"pod.labels['absent'] == 'x'", "1 / (process.effectiveUid - process.realUid) == 0"})
    void ruleThatFailsIsUndeterminedWithItsError(String expression) {
        Verdict verdict = verdict(node(expression, process())).orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Verdict.Outcome.UNDETERMINED);
        assertThat(verdict.undetermined()).singleElement().satisfies(why -> {
            assertThat(why.source()).isEqualTo("rule mine");
            assertThat(why.why()).isNotBlank();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "process.effectiveUid !=",
                "process.efectiveUid != 0",
                "process.effectiveUid",
                "process.effectiveUid == 'root'",
                "container.image + 'x' == ''",
                "process.groups.map(group, group * 2).size() == 0",
                "((((((((((((((((((((((((((((((((((((((((true))))))))))))))))))))))))))))))))))))))))"
            })
    void ruleThatDoesNotCompileIsOneErrorWithItsPlace(String expression) {
        assertThatThrownBy(() -> OwnRules.of(List.of(rule(expression)), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("(?s)rules\\.yaml: line 7: rule mine: expression, line \\d+, column \\d+: .+");
    }

    /** RE2 for Java writes repetitions of repetitions out before it counts: the first of these took ten minutes and all memory. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "'x'.matches('((((a{1,100}){1,100}){1,100}){1,100})')",
                "matches(container.name, '(?:(?:[a-z]{0,200})+x{100}){300}')",
                "container.name.matches('(a{1,90}){1,90}')",
                "container.name.matches('(')",
                "container.name.matches('a{1,1000}{1,1000}')",
                "container.name.matches(container.image)",
                "container.expected.capabilities.all(one, container.name.matches(one))"
            })
    void patternThatIsNoneOrGrowsIsRefusedBeforeItIsUsed(String expression) {
        assertThatThrownBy(() -> OwnRules.of(List.of(rule(expression)), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("rules\\.yaml: line 7: rule mine: expression, line 1, column \\d+: [^;]+");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "container.image.matches('^r/[a-z]+@sha256:[a-f0-9]{1,64}$')",
                "!container.image.matches('(?i)[[:space:]\\\\]]|\\\\x{10FFFF}|\\\\Q{900}\\\\E|x{,5}')",
                "container.name.matches('([0-9]{1,3}[.]){0,3}main')"
            })
    void patternThatPeopleWriteIsTaken(String expression) {
        assertThat(verdict(node(expression, process()))).isEmpty();
    }

    @Test
    void nameThatThereIsNotIsToldWhole() {
        assertThatThrownBy(() -> OwnRules.of(List.of(rule("true &&\n  process.uid == 0")), List.of()))
                .hasMessage(
                        "rules.yaml: line 7: rule mine: expression, line 2, column 3: undeclared reference to 'process.uid';"
                                + " 'plumbline explain own-rules' has all names");
    }

    @Test
    void placeOfAnErrorCountsFromOneAndAllErrorsAreToldTogether() {
        OwnRule second = new OwnRule("taken", Severity.LOW, "m", "r", "true &&\n  nobody", "b.yaml", 3);

        assertThatThrownBy(() -> OwnRules.of(List.of(rule("nobody"), second, second), List.of("taken")))
                .hasMessageContaining(
                        "rules.yaml: line 7: rule mine: expression, line 1, column 1: undeclared reference")
                .hasMessageContaining("b.yaml: line 3: rule taken: expression, line 2, column 3: undeclared reference")
                .hasMessageContaining("b.yaml: line 3: rule taken: this id is taken");
    }

    @Test
    void longestExpressionIsBounded() {
        assertThatThrownBy(() -> OwnRules.of(List.of(rule("true" + " && true".repeat(1000))), List.of()))
                .hasMessageStartingWith("rules.yaml: line 7: rule mine: expression code point size exceeds limit");
    }

    /** For each shipped example a node where it holds, and one where it does not. */
    private static Map<String, List<Nodes>> cases() {
        String bare = "metadata: {name: web}\nspec: {containers: [{name: main, image: 'r/app:latest'}]}";
        Processes shell = process(102).program("/bin/sh").parent(50).nsPids(102, 20);
        return Map.of(
                "no-root-in-shop",
                List.of(
                        Nodes.node().pods(POD).with(process().uid(1000)),
                        Nodes.node().pods(POD).with(process())),
                "no-raw-sockets",
                List.of(
                        Nodes.node().pods(POD).with(process().capabilities(CapabilitySet.of(Capability.CHOWN))),
                        Nodes.node().pods(POD).with(process())),
                "no-shell-by-exec",
                List.of(
                        Nodes.node().pods(POD).with(process().program("/bin/sh")),
                        Nodes.node().pods(POD).with(process(), shell.besides(process()))),
                "image-by-digest",
                List.of(
                        Nodes.node().pods(POD).with(process()),
                        Nodes.node().pods(bare).with(process())),
                "no-group-of-root",
                List.of(
                        Nodes.node().pods(POD).with(process().gid(1000).groups(1000, 2000)),
                        Nodes.node().pods(POD).with(process().gid(1000).groups(1000, 0))),
                "pod-has-an-owner",
                List.of(
                        Nodes.node().pods(POD).with(process()),
                        Nodes.node().pods(bare).with(process())),
                "nobody-unconfined",
                List.of(
                        Nodes.node()
                                .pods(POD)
                                .with(process().label("unconfined"))
                                .appArmor(Reading.of(false)),
                        Nodes.node()
                                .pods(POD)
                                .with(process().label("unconfined"))
                                .appArmor(Reading.of(true))),
                "only-expected-capabilities",
                List.of(
                        Nodes.node().pods(POD).with(process()),
                        Nodes.node().pods(POD).with(process().capabilities(Processes.ALL_CAPABILITIES))));
    }

    @TestFactory
    Stream<DynamicTest> eachShippedExampleHoldsWhereItShouldAndOnlyThere() throws ManifestException {
        PolicySet examples = PolicyFiles.read(List.of(EXAMPLES));
        Map<String, List<Nodes>> cases = cases();
        assertThat(examples.rules().stream().map(OwnRule::id).collect(Collectors.toSet()))
                .isEqualTo(cases.keySet());
        return examples.rules().stream()
                .map(rule -> DynamicTest.dynamicTest(rule.id(), () -> {
                    List<Nodes> both = cases.get(rule.id());
                    assertThat(finding(both.get(0).policy(rules(rule)), rule.id()))
                            .isEmpty();
                    assertThat(finding(both.get(1).policy(rules(rule)), rule.id()))
                            .isPresent();
                }));
    }

    @Test
    void pageHasEveryNameThatARuleMayUse() throws IOException {
        String begin = "<!-- names -->\n";
        String end = "<!-- end of names -->";
        String page = Files.readString(PAGE);
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(end);
        String table = "| name | type | what it is |\n| --- | --- | --- |\n"
                + OwnRules.vocabulary().stream()
                        .map(row -> "| `" + row.get(0) + "` | `" + row.get(1) + "` | " + row.get(2) + " |\n")
                        .collect(Collectors.joining());
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(PAGE, page.substring(0, from) + table + page.substring(to));
        } else {
            assertThat(page.substring(from, to)).isEqualTo(table);
        }
    }
}
