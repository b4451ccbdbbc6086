package io.plumbline.checks.drift;

import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod.Volume;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import java.util.Optional;

/** From a volumeMount of the spec to the volume behind it and to the mount that it became. */
final class Volumes {

    private Volumes() {}

    static Optional<Volume> of(VolumeMount mount, ContainerView container) {
        return container.pod().stream()
                .flatMap(pod -> pod.volumes().stream())
                .filter(volume -> volume.name().equals(mount.name()))
                .findFirst();
    }

    /** The mount at the declared path; in most images {@code /var/run} is a link to {@code /run}, and the kernel shows where it leads. */
    static Optional<Mount> mountOf(VolumeMount wanted, MountTable table, ContainerView container) {
        String path = normal(wanted.mountPath());
        return table.at(path)
                .or(() -> path.startsWith("/var/run/") ? table.at(path.substring("/var".length())) : Optional.empty())
                .or(() -> of(wanted, container).flatMap(volume -> byKubeletsDirectory(volume, table, container)));
    }

    /** The kubelet's own directory of the volume, {@code .../pods/<uid>/volumes/<plugin>/<name>}, as the root of a bind mount. */
    private static Optional<Mount> byKubeletsDirectory(Volume volume, MountTable table, ContainerView container) {
        return table.mounts().stream()
                .filter(mount ->
                        mount.root().contains("/pods/" + container.identity().podUid() + "/volumes/")
                                && mount.root().endsWith("/" + volume.name()))
                .findFirst();
    }

    /** Without doubled and trailing slashes and dots, as the kernel prints it. */
    static String normal(String path) {
        StringBuilder normal = new StringBuilder();
        for (String segment : path.split("/", -1)) {
            if (!segment.isEmpty() && !segment.equals(".")) {
                normal.append('/').append(segment);
            }
        }
        return normal.isEmpty() ? "/" : normal.toString();
    }
}
