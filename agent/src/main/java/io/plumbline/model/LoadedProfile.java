package io.plumbline.model;

/**
 * A profile as the kernel holds it, {@code /sys/kernel/security/apparmor/policy/profiles/<name>.<n>/}.
 *
 * @param mode {@code enforce}, {@code complain}, {@code kill}, {@code unconfined} or {@code user}
 * @param hash of the bytes that were written to load it, {@code sha256:} or {@code sha1:} and hex; those who were written together share it
 */
public record LoadedProfile(String name, String mode, Reading<String> hash) {}
