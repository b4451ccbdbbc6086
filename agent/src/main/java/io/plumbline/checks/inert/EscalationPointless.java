package io.plumbline.checks.inert;

import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.DeclaredContainer.Capabilities;
import java.util.List;
import java.util.Optional;

/**
 * {@code allowPrivilegeEscalation: false} of a container that is privileged or adds SYS_ADMIN.
 *
 * <p>The API server refuses such a pod where the capability is written {@code CAP_SYS_ADMIN}, and lets it in as {@code SYS_ADMIN}
 * ({@code pkg/apis/core/validation}); a static pod never meets it.
 */
final class EscalationPointless implements InertRule {

    @Override
    public Optional<Inert> judge(Subject subject) {
        if (subject.security().allowPrivilegeEscalation().orElse(true)) {
            return Optional.empty();
        }
        List<String> add =
                subject.security().capabilities().map(Capabilities::add).orElse(List.of());
        boolean all = add.stream().anyMatch(name -> name.equalsIgnoreCase("ALL") || name.equalsIgnoreCase("CAP_ALL"));
        boolean admin = all
                || !CapabilitySet.named(add)
                        .intersection(CapabilitySet.of(Capability.SYS_ADMIN))
                        .isEmpty();
        if (!subject.isPrivileged() && !admin) {
            return Optional.empty();
        }
        String beside = subject.isPrivileged() ? "privileged: true" : "capabilities.add: " + String.join(", ", add);
        return Optional.of(new Inert(
                Cause.ESCALATION_POINTLESS,
                "allowPrivilegeEscalation: false, " + beside,
                "no_new_privs keeps nothing from a process that has "
                        + (subject.isPrivileged() ? "all capabilities" : "SYS_ADMIN") + " from the start",
                "Take away " + (subject.isPrivileged() ? "privileged" : "SYS_ADMIN")
                        + ", or allowPrivilegeEscalation: false, which says what is not so",
                List.of()));
    }
}
