package io.plumbline.model;

import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;

/**
 * Somebody's word that some findings are accepted for a while.
 *
 * @param selector what a finding has to be about; a value may hold {@link #ANY}. Never empty: who accepts everything
 *     accepts what nobody has looked at
 * @param reason why
 * @param owner who answers for it
 * @param expires the last day on which it holds, in UTC
 */
public record ExceptionRule(Map<Selector, String> selector, String reason, String owner, LocalDate expires) {

    /** In a selector's value: any characters. */
    public static final String ANY = "*";

    public ExceptionRule {
        selector = Map.copyOf(selector);
        if (selector.isEmpty()) {
            throw new IllegalArgumentException("an exception without a selector");
        }
    }

    /** What of a finding is compared. */
    public enum Selector {
        NAMESPACE,
        WORKLOAD,
        CONTAINER,
        CHECK,
        KIND,
        IMAGE;

        /** As it stands in a file. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
