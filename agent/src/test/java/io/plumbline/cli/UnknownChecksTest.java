package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.ExceptionRule;
import io.plumbline.model.ExceptionRule.Selector;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UnknownChecksTest {
    private static final List<String> KNOWN = List.of("host-pid", "seccomp", "my-rule");

    @Test
    void eachIsToldOnceWithWhatMayHaveBeenMeant() {
        assertThat(among("host-pod", "host-pod", "nothing-like-it\n"))
                .containsExactly(
                        "no check is called 'host-pod': an exception for it accepts nothing; did you mean 'host-pid'?",
                        "no check is called 'nothing-like-it\\n': an exception for it accepts nothing");
    }

    @Test
    void patternsAndWhatThereIsAreNot() {
        assertThat(among("seccomp", "my-rule", "host-*", "*")).isEmpty();
        assertThat(UnknownChecks.among(List.of(rule(Selector.NAMESPACE, "host-pod")), KNOWN))
                .isEmpty();
    }

    private static List<String> among(String... checks) {
        return UnknownChecks.among(
                Stream.of(checks).map(check -> rule(Selector.CHECK, check)).toList(), KNOWN);
    }

    private static ExceptionRule rule(Selector selector, String value) {
        return new ExceptionRule(Map.of(selector, value), "reason", "owner", LocalDate.MAX);
    }
}
