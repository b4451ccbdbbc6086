package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * A container takes no port of the host.
 *
 * <p><b>Restricted Fields:</b> {@code ports[*].hostPort} of every container
 *
 * <p><b>Allowed Values:</b> unset, 0
 */
final class HostPortsCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "host-ports",
            PodSecurityLevel.BASELINE,
            "Port of the host",
            "A container takes no port of the host. Baseline, from v1.0.",
            "ports[*].hostPort of every container",
            "unset, 0",
            "Leave hostPort out, and make the pod reachable by a Service; without hostNetwork, which makes a hostPort of every containerPort");

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
        return List.of(Edition.since(0, HostPortsCheck::hostPorts));
    }

    private static Optional<String> hostPorts(DeclaredPod pod) {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            List<String> ports = container.ports().stream()
                    .flatMap(port -> port.hostPort().stream())
                    .distinct()
                    .sorted()
                    .map(String::valueOf)
                    .toList();
            if (!ports.isEmpty()) {
                offences.in(container, "ports[].hostPort is " + String.join(", ", ports));
            }
        }
        return offences.message(
                pod.hostNetwork()
                        ? "Leave hostPort and hostNetwork out: with hostNetwork every containerPort is a hostPort"
                        : "Leave it out; a Service reaches the containerPort");
    }
}
