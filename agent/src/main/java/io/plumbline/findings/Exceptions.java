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
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Marks findings that somebody accepts. Nothing is left out: an accepted finding is still a finding.
 *
 * <p>Of the very same findings as the last time, by the same rules, the marked ones are the very same. One thread at a time.
 */
public final class Exceptions {

    private Basis basis = new Basis(List.of(), LocalDate.EPOCH, Map.of());
    private List<Finding> plain = List.of();
    private List<Finding> marked = List.of();

    /**
     * By what findings are marked.
     *
     * @param images of containers; empty where no rule asks for one
     */
    private record Basis(List<ExceptionRule> rules, LocalDate today, Map<ContainerIdentity, String> images) {}

    /**
     * The same findings in the same order. Of several rules the one that holds longest marks it; one that has expired marks it only where
     * none holds.
     *
     * @param now when the node was looked at
     * @param images of the containers whose image is known; asked only if a rule selects by it
     */
    public List<Finding> mark(
            List<Finding> findings,
            List<ExceptionRule> rules,
            Instant now,
            Supplier<Map<ContainerIdentity, String>> images) {
        if (rules.isEmpty()) {
            return findings;
        }
        boolean byImage = rules.stream().anyMatch(rule -> rule.selector().containsKey(Selector.IMAGE));
        Basis wanted = new Basis(rules, LocalDate.ofInstant(now, ZoneOffset.UTC), byImage ? images.get() : Map.of());
        boolean same = wanted.equals(basis);
        if (!same || !isSame(findings)) {
            IdentityHashMap<Finding, Finding> known = same ? marks() : new IdentityHashMap<>();
            basis = wanted;
            marked = findings.stream()
                    .map(finding -> known.computeIfAbsent(finding, this::withMark))
                    .toList();
            plain = findings;
        }
        return marked;
    }

    @SuppressWarnings("ReferenceEquality") // where nothing else is found the list is the same
    private boolean isSame(List<Finding> findings) {
        return findings == plain;
    }

    private IdentityHashMap<Finding, Finding> marks() {
        IdentityHashMap<Finding, Finding> marks = new IdentityHashMap<>();
        for (int i = 0; i < plain.size(); i++) {
            marks.put(plain.get(i), marked.get(i));
        }
        return marks;
    }

    private Finding withMark(Finding finding) {
        return of(finding).map(finding::accepted).orElse(finding);
    }

    private Optional<Acceptance> of(Finding finding) {
        String image = basis.images().getOrDefault(finding.container(), "");
        return basis.rules().stream()
                .filter(rule ->
                        rule.selector().entrySet().stream().allMatch(wanted -> isSelected(wanted, finding, image)))
                .max(Comparator.comparing(ExceptionRule::expires))
                .map(rule -> new Acceptance(
                        rule.reason(),
                        rule.owner(),
                        rule.expires(),
                        basis.today().isAfter(rule.expires())));
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
        int star = pattern.indexOf(ExceptionRule.ANY);
        if (star < 0) {
            return pattern.equals(text);
        }
        if (!text.startsWith(pattern.substring(0, star))) {
            return false;
        }
        int at = star;
        int last = pattern.lastIndexOf(ExceptionRule.ANY);
        while (star < last) {
            int next = pattern.indexOf(ExceptionRule.ANY, star + 1);
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
