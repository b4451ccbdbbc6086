package io.plumbline.model;

import java.util.List;

/**
 * The confinement of a process by AppArmor, from {@code /proc/<pid>/attr/apparmor/current}.
 *
 * <p>{@code name (mode)}, {@code parent//child (mode)}, {@code a//&b (mode)} for a stack, {@code :ns://name (mode)}, or
 * {@code unconfined}, which alone has no mode. A name may itself end in a parenthesis, so the mode is the last one.
 *
 * @param profiles the parts of the stack, in the kernel's order
 * @param mode {@code enforce}, {@code complain}, {@code kill}, {@code unconfined}, {@code user}, {@code mixed}; empty text for plain {@code unconfined}
 */
public record AppArmorLabel(String text, List<String> profiles, String mode) {

    public AppArmorLabel {
        profiles = List.copyOf(profiles);
    }

    /** Reads the kernel's text; a final newline or NUL is not part of it. */
    public static AppArmorLabel parse(String kernelText) {
        String text = kernelText.stripTrailing();
        while (text.endsWith("\0")) {
            text = text.substring(0, text.length() - 1).stripTrailing();
        }
        int open = text.lastIndexOf(" (");
        if (open < 0 || !text.endsWith(")")) {
            return new AppArmorLabel(text, List.of(text.split("//&", -1)), "");
        }
        return new AppArmorLabel(
                text, List.of(text.substring(0, open).split("//&", -1)), text.substring(open + 2, text.length() - 1));
    }

    /** No profile at all. {@code x (unconfined)} is a loaded profile and not this. */
    public boolean isUnconfined() {
        return mode.isEmpty();
    }
}
