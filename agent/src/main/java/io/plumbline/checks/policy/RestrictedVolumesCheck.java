package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.Volume;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Volumes come from the API or from a claim; how storage is reached is not the pod's to say.
 *
 * <p><b>Restricted Fields:</b> every source of {@code spec.volumes[*]}
 *
 * <p><b>Allowed Values:</b> {@link #ALLOWED}
 */
final class RestrictedVolumesCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "restricted-volumes",
            PodSecurityLevel.RESTRICTED,
            "Volume of a restricted type",
            "Volumes come from the API or from a claim; how storage is reached is not the pod's to say. Restricted, from v1.0, in the place of host-path-volumes.",
            "every source of spec.volumes[*]",
            "configMap, csi, downwardAPI, emptyDir, ephemeral, image, persistentVolumeClaim, projected, secret",
            "Reach other storage through a persistentVolumeClaim");

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
        return List.of(Edition.since(0, RestrictedVolumesCheck::types).replacing("host-path-volumes"));
    }

    private static final Set<String> ALLOWED = Set.of(
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "image",
            "persistentVolumeClaim",
            "projected",
            "secret");

    private static Optional<String> types(DeclaredPod pod) {
        Offences offences = new Offences();
        for (Volume volume : pod.volumes()) {
            if (!ALLOWED.contains(volume.type())) {
                offences.plain("volume " + Offences.quoted(volume.name()) + " is of the restricted type "
                        + Offences.quoted(volume.type()));
            }
        }
        return offences.message("Use a persistentVolumeClaim, or one of " + String.join(", ", new TreeSet<>(ALLOWED)));
    }
}
