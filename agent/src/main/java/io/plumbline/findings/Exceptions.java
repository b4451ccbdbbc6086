package io.plumbline.findings;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ExceptionRule;
import io.plumbline.model.ExceptionRule.Selector;
import io.plumbline.model.Finding;
import io.plumbline.model.Finding.Acceptance;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Marks findings that somebody accepts. Nothing is left out: an accepted finding is still a finding. */
public final class Exceptions {

    private static final char ANY = '*';

    private final List<ExceptionRule> rules;
    private final LocalDate today;

    /** @param now when the node was looked at */
    public Exceptions(List<ExceptionRule> rules, Instant now) {
        this.rules = rules;
        this.today = LocalDate.ofInstant(now, ZoneOffset.UTC);
    }

    /**
     * The same findings in the same order. Of several rules the one that holds longest marks it; one that has expired marks it only where
     * none holds.
     *
     * @param images of the containers whose image is known; asked only if there are rules
     */
    public List<Finding> mark(List<Finding> findings, Supplier<Map<ContainerIdentity, String>> images) {
        if (rules.isEmpty()) {
            return findings;
        }
        Map<ContainerIdentity, String> known = images.get();
        return findings.stream()
                .map(finding -> of(finding, known.getOrDefault(finding.container(), ""))
                        .map(finding::accepted)
                        .orElse(finding))
                .toList();
    }

    private Optional<Acceptance> of(Finding finding, String image) {
        return rules.stream()
                .filter(rule ->
                        rule.selector().entrySet().stream().allMatch(wanted -> isSelected(wanted, finding, image)))
                .max(Comparator.comparing(ExceptionRule::expires))
                .map(rule ->
                        new Acceptance(rule.reason(), rule.owner(), rule.expires(), today.isAfter(rule.expires())));
    }

    private static boolean isSelected(Map.Entry<Selector, String> wanted, Finding finding, String image) {
        String value = switch (wanted.getKey()) {
            case NAMESPACE -> finding.container().namespace();
            case WORKLOAD -> finding.workload();
            case CONTAINER -> finding.container().container().orElse("");
            case CHECK -> finding.check();
            case KIND -> finding.kind().word();
            case IMAGE -> image;
        };
        return matches(wanted.getValue(), value);
    }

    /** Pieces between stars, in order; in time that is bounded whatever the pattern. */
    static boolean matches(String pattern, String text) {
        int star = pattern.indexOf(ANY);
        if (star < 0) {
            return pattern.equals(text);
        }
        if (!text.startsWith(pattern.substring(0, star))) {
            return false;
        }
        int at = star;
        int last = pattern.lastIndexOf(ANY);
        while (star < last) {
            int next = pattern.indexOf(ANY, star + 1);
            String piece = pattern.substring(star + 1, next);
            int found = text.indexOf(piece, at);
            if (found < 0) {
                return false;
            }
            at = found + piece.length();
            star = next;
        }
        String end = pattern.substring(last + 1);
        return text.length() - end.length() >= at && text.endsWith(end);
    }
}
