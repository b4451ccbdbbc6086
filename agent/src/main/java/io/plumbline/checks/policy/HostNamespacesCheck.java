package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * A pod does not share the host's network, process or IPC namespace.
 *
 * <p><b>Restricted Fields:</b> {@code spec.hostNetwork}, {@code spec.hostPID}, {@code spec.hostIPC}
 *
 * <p><b>Allowed Values:</b> unset, false
 */
final class HostNamespacesCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "host-namespaces",
            PodSecurityLevel.BASELINE,
            "Pod shares namespaces of the host",
            "A pod does not share the host's network, process or IPC namespace. Baseline, from v1.0.",
            "spec.hostNetwork, spec.hostPID, spec.hostIPC",
            "unset, false",
            "Leave the fields out, or set them to false");

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
        return List.of(Edition.since(0, HostNamespacesCheck::hostNamespaces));
    }

    private static Optional<String> hostNamespaces(DeclaredPod pod) {
        Offences offences = new Offences();
        if (pod.hostNetwork()) {
            offences.inPod("hostNetwork is true");
        }
        if (pod.hostPid()) {
            offences.inPod("hostPID is true");
        }
        if (pod.hostIpc()) {
            offences.inPod("hostIPC is true");
        }
        return offences.message("Leave it out, or set it to false");
    }
}
