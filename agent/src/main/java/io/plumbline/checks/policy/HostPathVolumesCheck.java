package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.Volume;
import java.util.List;
import java.util.Optional;

/**
 * A pod mounts nothing of the host's file system.
 *
 * <p><b>Restricted Fields:</b> {@code spec.volumes[*].hostPath}
 *
 * <p><b>Allowed Values:</b> unset
 */
final class HostPathVolumesCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "host-path-volumes",
            PodSecurityLevel.BASELINE,
            "Volume from the host's file system",
            "A pod mounts nothing of the host's file system. Baseline, from v1.0; at restricted replaced by restricted-volumes.",
            "spec.volumes[*].hostPath",
            "unset",
            "Use emptyDir, a persistentVolumeClaim, or what else fits, instead of hostPath");

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
        return List.of(Edition.since(0, HostPathVolumesCheck::hostPaths));
    }

    private static Optional<String> hostPaths(DeclaredPod pod) {
        Offences offences = new Offences();
        for (Volume volume : pod.volumes()) {
            if (volume.type().equals("hostPath")) {
                offences.plain("volume " + Offences.quoted(volume.name()) + " is a hostPath"
                        + volume.hostPath()
                                .map(path -> " of " + Offences.quoted(path))
                                .orElse(""));
            }
        }
        return offences.message("Use emptyDir, a persistentVolumeClaim or what else fits instead");
    }
}
