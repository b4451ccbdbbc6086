package io.plumbline.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.SketchedReport;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ExceptionRule;
import io.plumbline.model.ExceptionRule.Selector;
import io.plumbline.model.Finding;
import io.plumbline.model.Finding.Acceptance;
import io.plumbline.model.Severity;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExceptionsTest {
    private static final ContainerIdentity WEB = SketchedReport.container("shop", "web");
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final Finding SECCOMP = SketchedReport.at(NOON)
            .shows(Severity.HIGH, "seccomp", WEB)
            .report()
            .findings()
            .get(0);

    @Test
    void findingIsMarkedAndStaysWhereEverythingSelectedIsSo() {
        Map<Selector, String> all = Map.of(
                Selector.NAMESPACE, "shop",
                Selector.WORKLOAD, "web",
                Selector.CONTAINER, "main",
                Selector.CHECK, "seccomp",
                Selector.KIND, "drift",
                Selector.IMAGE, "registry.example/web:1");
        assertThat(mark(rule(all, "2026-12-31"))).satisfies(finding -> {
            assertThat(finding.isExcepted()).isTrue();
            assertThat(finding.exception())
                    .contains(new Acceptance("because", "me", LocalDate.parse("2026-12-31"), false));
            assertThat(finding.id()).isEqualTo(SECCOMP.id());
        });
        for (Selector one : Selector.values()) {
            assertThat(mark(rule(Map.of(one, "other"), "2026-12-31")).exception())
                    .as(one.word())
                    .isEmpty();
        }
    }

    @Test
    void lastDayStillCountsAndTheNextOneBringsItBackAndSaysSo() {
        assertThat(mark(rule(Map.of(Selector.CHECK, "seccomp"), "2026-11-20")).isExcepted())
                .isTrue();
        Finding back = mark(rule(Map.of(Selector.CHECK, "seccomp"), "2026-11-19"));
        assertThat(back.isExcepted()).isFalse();
        assertThat(back.exception().orElseThrow().expired()).isTrue();
    }

    @Test
    void ofSeveralTheOneThatHoldsLongestCounts() {
        Finding marked = mark(
                rule(Map.of(Selector.CHECK, "seccomp"), "2026-11-19"),
                rule(Map.of(Selector.NAMESPACE, "shop"), "2027-01-01"),
                rule(Map.of(Selector.KIND, "drift"), "2026-12-01"));
        assertThat(marked.exception().orElseThrow().expires()).isEqualTo("2027-01-01");
    }

    @ParameterizedTest
    @CsvSource({
        "web, web, true",
        "web, website, false",
        "web*, website, true",
        "*site, website, true",
        "*, '', true",
        "w*s*e, website, true",
        "w*b*b*, website, false",
        "a*a, a, false",
        "*aab, aaab, true",
        "reg.example/*:1.*, reg.example/team/web:1.2, true",
        "web?, webs, false"
    })
    void starStandsForAnyCharacters(String pattern, String text, boolean matches) {
        assertThat(Exceptions.matches(pattern, text)).isEqualTo(matches);
    }

    @Test
    void whatIsAsItWasIsMarkedAsItWas() {
        Exceptions exceptions = new Exceptions();
        List<ExceptionRule> rules = List.of(rule(Map.of(Selector.CHECK, "seccomp"), "2026-11-20"));
        List<Finding> findings = List.of(SECCOMP);
        List<Finding> first = exceptions.mark(findings, rules, NOON, Map::of);
        assertThat(exceptions.mark(findings, List.copyOf(rules), NOON.plusSeconds(60), Map::of))
                .isSameAs(first);

        Finding other = SketchedReport.at(NOON)
                .shows(Severity.HIGH, "seccomp", SketchedReport.container("shop", "other"))
                .report()
                .findings()
                .get(0);
        List<Finding> more = exceptions.mark(List.of(other, SECCOMP), rules, NOON, Map::of);
        assertThat(more.get(0).isExcepted()).isTrue();
        assertThat(more.get(1)).isSameAs(first.get(0));
    }

    @Test
    void theNextDayOtherRulesAndAnotherImageMarkAnew() {
        Exceptions exceptions = new Exceptions();
        List<Finding> findings = List.of(SECCOMP);
        List<ExceptionRule> rules = List.of(rule(Map.of(Selector.IMAGE, "web:1"), "2026-11-20"));
        Map<ContainerIdentity, String> one = Map.of(WEB, "web:1");
        assertThat(exceptions.mark(findings, rules, NOON, () -> one).get(0).isExcepted())
                .isTrue();
        assertThat(exceptions
                        .mark(findings, rules, NOON, () -> Map.of(WEB, "web:2"))
                        .get(0)
                        .exception())
                .isEmpty();
        assertThat(exceptions
                        .mark(findings, rules, NOON.plus(Duration.ofDays(1)), () -> one)
                        .get(0)
                        .exception()
                        .orElseThrow()
                        .expired())
                .isTrue();
        List<ExceptionRule> others = List.of(rule(Map.of(Selector.CHECK, "capabilities"), "2026-12-31"));
        assertThat(exceptions.mark(findings, others, NOON, () -> one).get(0).exception())
                .isEmpty();
        assertThat(exceptions.mark(findings, List.of(), NOON, () -> one)).isSameAs(findings);
    }

    private static Finding mark(ExceptionRule... rules) {
        List<Finding> marked = new Exceptions()
                .mark(
                        List.of(SECCOMP),
                        List.of(rules),
                        NOON,
                        () -> Map.of(SECCOMP.container(), "registry.example/web:1"));
        assertThat(marked).hasSize(1);
        return marked.get(0);
    }

    private static ExceptionRule rule(Map<Selector, String> selector, String expires) {
        return new ExceptionRule(selector, "because", "me", LocalDate.parse(expires));
    }
}
