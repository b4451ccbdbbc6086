package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.Volume;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PodSecurityPolicy.AllowedHostPath;
import io.plumbline.model.PolicyViolation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The part of a PodSecurityPolicy that is about volumes. */
final class PspVolumeRules {

    private final PodSecurityPolicy policy;
    private final DeclaredPod pod;

    PspVolumeRules(PodSecurityPolicy policy, DeclaredPod pod) {
        this.policy = policy;
        this.pod = pod;
    }

    List<PolicyViolation> violations() {
        Offences types = new Offences();
        Offences paths = new Offences();
        for (Volume volume : pod.volumes()) {
            String type = fsType(volume.type());
            if (!isAllowed(volume, type)) {
                types.plain("volume " + Offences.quoted(volume.name()) + " is of type " + Offences.quoted(type));
            }
            driver(volume).ifPresent(types::plain);
            volume.hostPath().ifPresent(path -> hostPath(volume, path, paths));
        }
        List<PolicyViolation> violations = new ArrayList<>();
        types.message(
                        policy.volumes().isEmpty()
                                ? "The policy allows no volume"
                                : "Use one of the types " + Offences.quoted(policy.volumes()))
                .ifPresent(message -> violations.add(new PolicyViolation("allowed-volumes", message)));
        paths.message("Use a path that allowedHostPaths has, mounted as it says")
                .ifPresent(message -> violations.add(new PolicyViolation("allowed-host-paths", message)));
        return violations;
    }

    /** The policy's one name that the pod spells otherwise. */
    private static String fsType(String type) {
        return type.equals("cephfs") ? "cephFS" : type;
    }

    /** What the service account admission puts into every pod came as a secret when policies were written. */
    private boolean isAllowed(Volume volume, String type) {
        return policy.volumes().contains("*")
                || policy.volumes().contains(type)
                || (volume.apiAccess() && policy.volumes().contains("secret"));
    }

    private Optional<String> driver(Volume volume) {
        List<String> allowed = switch (volume.type()) {
            case "flexVolume" -> policy.allowedFlexVolumes();
            case "csi" -> policy.allowedCsiDrivers();
            default -> List.of();
        };
        String driver = volume.driver().orElse("");
        return allowed.isEmpty() || allowed.contains(driver)
                ? Optional.empty()
                : Optional.of("volume " + Offences.quoted(volume.name()) + " has the driver " + Offences.quoted(driver)
                        + ", which is none of " + Offences.quoted(allowed));
    }

    private void hostPath(Volume volume, String path, Offences offences) {
        List<AllowedHostPath> prefixes = policy.allowedHostPaths().stream()
                .filter(allowed -> isBelow(path, allowed.pathPrefix()))
                .toList();
        if (policy.allowedHostPaths().isEmpty()) {
            return;
        }
        if (prefixes.isEmpty()) {
            offences.plain("volume " + Offences.quoted(volume.name()) + " shows the host's " + Offences.quoted(path));
            return;
        }
        if (prefixes.stream().allMatch(AllowedHostPath::readOnly)) {
            for (DeclaredContainer container : pod.containers()) {
                for (VolumeMount mount : container.volumeMounts()) {
                    if (mount.name().equals(volume.name()) && !mount.readOnly()) {
                        offences.in(
                                container,
                                "volume " + Offences.quoted(volume.name()) + ", the host's " + Offences.quoted(path)
                                        + ", is not mounted read-only");
                    }
                }
            }
        }
    }

    /** {@code /foo} is a prefix of {@code /foo/bar} and not of {@code /food}. */
    private static boolean isBelow(String path, String prefix) {
        List<String> parts = parts(path);
        List<String> before = parts(prefix);
        return parts.size() >= before.size()
                && parts.subList(0, before.size()).equals(before)
                // The kubelet follows it, wherever it leads.
                && !parts.contains("..");
    }

    private static List<String> parts(String path) {
        return Arrays.stream(path.split("/", -1))
                .filter(part -> !part.isEmpty() && !part.equals("."))
                .toList();
    }
}
