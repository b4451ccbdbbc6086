package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import java.util.List;
import java.util.Optional;

/**
 * What became of a source.
 *
 * @param policy empty if it is rejected
 * @param errors why; empty if it is accepted
 * @param warnings what is accepted and unwise
 */
public record CompiledSource(
        ProfileSource source, Optional<CompiledPolicy> policy, List<ProfileError> errors, List<ProfileError> warnings) {

    public CompiledSource {
        errors = List.copyOf(errors);
        warnings = List.copyOf(warnings);
    }

    static CompiledSource accepted(ProfileSource source, CompiledPolicy policy, List<ProfileError> warnings) {
        return new CompiledSource(source, Optional.of(policy), List.of(), warnings);
    }

    static CompiledSource rejected(ProfileSource source, List<ProfileError> errors, List<ProfileError> warnings) {
        return new CompiledSource(source, Optional.empty(), errors, warnings);
    }

    /** May it be loaded? */
    public boolean isAccepted() {
        return policy.isPresent();
    }

    /** The profiles in it with their mode, for a person: {@code name (mode)}. */
    public List<String> profiles() {
        return policy.map(compiled -> compiled.profiles().stream()
                        .map(profile -> profile.name() + " (" + profile.mode() + ")")
                        .toList())
                .orElse(List.of());
    }
}
