package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.HandlerHost;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Optional;

/**
 * Probes and lifecycle handlers ask the pod itself: with another host the kubelet is sent to ask whom the pod could not reach.
 *
 * <p><b>Restricted Fields:</b> {@code httpGet.host} and {@code tcpSocket.host} of {@code livenessProbe}, {@code readinessProbe},
 * {@code startupProbe}, {@code lifecycle.postStart} and {@code lifecycle.preStop} of every container
 *
 * <p><b>Allowed Values:</b> unset, empty
 *
 * <p>v1.34: new.
 */
final class HostProbesAndHostLifecycleCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "host-probes-and-host-lifecycle",
            PodSecurityLevel.BASELINE,
            "Probe or lifecycle handler names a host",
            "Probes and lifecycle handlers ask the pod itself: with another host the kubelet is sent to ask whom the pod could not reach. Baseline, from v1.34.",
            "httpGet.host and tcpSocket.host of livenessProbe, readinessProbe, startupProbe, lifecycle.postStart and lifecycle.preStop of every container",
            "unset, empty",
            "Leave host out; for a virtual host name set the header Host in httpHeaders");

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
        return List.of(Edition.since(34, HostProbesAndHostLifecycleCheck::hosts));
    }

    private static Optional<String> hosts(DeclaredPod pod) {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            for (HandlerHost handler : container.handlerHosts()) {
                offences.in(container, handler.field() + " is " + Offences.quoted(handler.host()));
            }
        }
        return offences.message("Leave it out: the pod itself is then asked");
    }
}
