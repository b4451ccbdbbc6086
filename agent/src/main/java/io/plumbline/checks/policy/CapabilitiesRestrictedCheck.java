package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * A container drops all capabilities and adds none but NET_BIND_SERVICE.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.capabilities.drop} of every container
 *
 * <p><b>Allowed Values:</b> a list with {@code ALL}
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.capabilities.add} of every container
 *
 * <p><b>Allowed Values:</b> unset, empty, {@code NET_BIND_SERVICE}
 *
 * <p>v1.22: new. v1.25: not for Windows.
 */
final class CapabilitiesRestrictedCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "capabilities-restricted",
            PodSecurityLevel.RESTRICTED,
            "Capabilities not dropped",
            "A container drops ALL capabilities and adds none but NET_BIND_SERVICE. Restricted, from v1.22; from v1.25 not for pods with spec.os.name windows.",
            "securityContext.capabilities.drop and .add of every container",
            "drop with ALL; add unset, empty or NET_BIND_SERVICE",
            "Set securityContext.capabilities.drop to [ALL], and add at most NET_BIND_SERVICE");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public PodSecurityLevel level() {
        return PodSecurityLevel.RESTRICTED;
    }

    @Override
    public List<Edition> editions() {
        return List.of(
                Edition.since(22, CapabilitiesRestrictedCheck::dropsAll).replacing("capabilities-baseline"),
                Edition.since(25, ((Rule) CapabilitiesRestrictedCheck::dropsAll).exceptForWindows())
                        .replacing("capabilities-baseline"));
    }

    private static Optional<String> dropsAll(DeclaredPod pod) {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Capabilities own = container.security().capabilities().orElse(new Capabilities(List.of(), List.of()));
            if (!own.drop().contains("ALL")) {
                offences.in(container, "securityContext.capabilities.drop is without \"ALL\"");
            }
            List<String> added = own.add().stream()
                    .filter(capability -> !capability.equals("NET_BIND_SERVICE"))
                    .toList();
            if (!added.isEmpty()) {
                offences.in(container, "securityContext.capabilities.add has " + Offences.quoted(added));
            }
        }
        return offences.message("Set capabilities.drop to [\"ALL\"], and add at most NET_BIND_SERVICE");
    }
}
