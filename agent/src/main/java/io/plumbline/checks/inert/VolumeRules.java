package io.plumbline.checks.inert;

import io.plumbline.model.Cause;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod.Volume;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Volumes beside which a declaration means less than it says. */
final class VolumeRules {

    /**
     * Their plugins change no owner: pkg/volume/{hostpath,nfs,...}. A claim or a CSI driver may or may not, and is not judged; what
     * cannot be written needs no group.
     */
    private static final Set<String> WITHOUT_OWNERSHIP = Set.of("hostPath", "nfs", "glusterfs", "cephfs", "quobyte");

    private VolumeRules() {}

    /** {@code readOnlyRootFilesystem: true} beside the host's root, writable. */
    static Optional<Inert> hostRoot(Subject subject) {
        if (!subject.security().readOnlyRootFilesystem().orElse(false)) {
            return Optional.empty();
        }
        return subject.container().volumeMounts().stream()
                .filter(mount -> !mount.readOnly())
                .filter(mount -> volume(subject, mount)
                        .flatMap(Volume::hostPath)
                        .filter(path -> normal(path).equals("/"))
                        .isPresent())
                .findFirst()
                .map(mount -> new Inert(
                        Cause.HOST_ROOT_WRITABLE,
                        "readOnlyRootFilesystem: true, hostPath / mounted at " + mount.mountPath(),
                        "the node's whole root is writable at " + mount.mountPath()
                                + ", the container's image on the node included",
                        "Mount the one directory that is needed, or set readOnly: true on the volume mount",
                        List.of()));
    }

    /** {@code fsGroup} and a volume whose files keep their group. */
    static Optional<Inert> fsGroup(Subject subject) {
        Optional<Long> group = subject.pod().security().fsGroup();
        if (group.isEmpty()) {
            return Optional.empty();
        }
        List<Volume> ignoring = subject.container().volumeMounts().stream()
                .filter(mount -> !mount.readOnly())
                .flatMap(mount -> volume(subject, mount).stream())
                .filter(volume -> WITHOUT_OWNERSHIP.contains(volume.type()))
                .distinct()
                .toList();
        if (ignoring.isEmpty()) {
            return Optional.empty();
        }
        String volumes = ignoring.stream()
                .map(volume -> volume.name() + " (" + volume.type() + ")")
                .collect(Collectors.joining(", "));
        return Optional.of(new Inert(
                Cause.FS_GROUP_IGNORED,
                "fsGroup: " + group.get() + ", volume " + volumes,
                "the kubelet changes no group on a volume of type "
                        + ignoring.stream().map(Volume::type).distinct().collect(Collectors.joining(", ")),
                "Set the group where the files are, or use a volume type that supports ownership",
                List.of()));
    }

    private static Optional<Volume> volume(Subject subject, VolumeMount mount) {
        return subject.pod().volumes().stream()
                .filter(volume -> volume.name().equals(mount.name()))
                .findFirst();
    }

    /** {@code /.}, {@code //} and {@code /etc/..} are the root too. */
    private static String normal(String path) {
        ArrayDeque<String> parts = new ArrayDeque<>();
        for (String part : path.split("/", -1)) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        return "/" + String.join("/", parts);
    }
}
