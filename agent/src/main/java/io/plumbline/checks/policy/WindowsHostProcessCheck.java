package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * No container of a Windows pod is a process of the host.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.windowsOptions.hostProcess} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> unset, false
 */
final class WindowsHostProcessCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "windows-host-process",
            PodSecurityLevel.BASELINE,
            "Host process of Windows",
            "No container of a Windows pod is a process of the host. Baseline, from v1.0.",
            "securityContext.windowsOptions.hostProcess of the pod and of every container",
            "unset, false",
            "Leave hostProcess out, or set it to false");

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
        return List.of(Edition.since(0, WindowsHostProcessCheck::hostProcesses));
    }

    private static final String OFFENCE = "securityContext.windowsOptions.hostProcess is true";

    private static Optional<String> hostProcesses(DeclaredPod pod) {
        Offences offences = new Offences();
        if (pod.security().windowsHostProcess().orElse(false)) {
            offences.inPod(OFFENCE);
        }
        for (DeclaredContainer container : pod.containers()) {
            if (container.security().windowsHostProcess().orElse(false)) {
                offences.in(container, OFFENCE);
            }
        }
        return offences.message("Leave it out, or set it to false");
    }
}
