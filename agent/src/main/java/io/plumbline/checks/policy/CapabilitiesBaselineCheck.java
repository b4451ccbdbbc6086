package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A container adds no capability beyond those that runtimes give anyway; NET_RAW is not one of them here.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.capabilities.add} of every container
 *
 * <p><b>Allowed Values:</b> unset, empty, and {@link #ALLOWED}: exactly these names, without {@code CAP_} and in capital letters
 */
final class CapabilitiesBaselineCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "capabilities-baseline",
            PodSecurityLevel.BASELINE,
            "Capabilities beyond the usual ones",
            "A container adds no capability beyond those that runtimes give anyway, without NET_RAW. Baseline, from v1.0; at restricted replaced by capabilities-restricted from v1.22.",
            "securityContext.capabilities.add of every container",
            "unset, empty, and AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT",
            "Take the other capabilities out of capabilities.add");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public PodSecurityLevel level() {
        return PodSecurityLevel.BASELINE;
    }

    @Override
    public List<Edition> editions() {
        return List.of(Edition.since(0, CapabilitiesBaselineCheck::addsOnlyUsual));
    }

    private static final Set<String> ALLOWED = Set.of(
            "AUDIT_WRITE",
            "CHOWN",
            "DAC_OVERRIDE",
            "FOWNER",
            "FSETID",
            "KILL",
            "MKNOD",
            "NET_BIND_SERVICE",
            "SETFCAP",
            "SETGID",
            "SETPCAP",
            "SETUID",
            "SYS_CHROOT");

    private static Optional<String> addsOnlyUsual(DeclaredPod pod) {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Set<String> added = new TreeSet<>(
                    container.security().capabilities().map(Capabilities::add).orElse(List.of()));
            added.removeAll(ALLOWED);
            if (!added.isEmpty()) {
                offences.in(container, "securityContext.capabilities.add has " + Offences.quoted(added));
            }
        }
        return offences.message("Take it out; allowed are " + String.join(", ", new TreeSet<>(ALLOWED)));
    }
}
