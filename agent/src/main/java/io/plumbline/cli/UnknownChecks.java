package io.plumbline.cli;

import io.plumbline.model.ExceptionRule;
import io.plumbline.model.ExceptionRule.Selector;
import io.plumbline.report.Nearest;
import io.plumbline.report.Printable;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Exceptions for checks that do not exist: they accept nothing, and nobody would know. No error, for a rule of the user's own may have
 * gone, or another version may have the check.
 */
final class UnknownChecks {

    private UnknownChecks() {}

    /** Each as a line for the user, with the check that may have been meant. */
    static List<String> among(List<ExceptionRule> rules, Collection<String> known) {
        return rules.stream()
                .flatMap(rule -> Optional.ofNullable(rule.selector().get(Selector.CHECK)).stream())
                .filter(check -> !check.contains(ExceptionRule.ANY) && !known.contains(check))
                .distinct()
                .map(check -> "no check is called '" + Printable.of(check) + "': an exception for it accepts nothing"
                        + Nearest.to(check, known)
                                .map(near -> "; did you mean '" + near + "'?")
                                .orElse(""))
                .toList();
    }
}
