package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod.Volume;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Volumes that hold secrets are in memory: secret, a projected token, and emptyDir with {@code medium: Memory} are on tmpfs. */
final class SecretVolumeCheck implements ContainerCheck {

    /** ramfs is what a kubelet falls back to; both never reach a disk by themselves. */
    private static final Set<String> IN_MEMORY = Set.of("tmpfs", "ramfs");

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "secret-volume",
            FindingKind.DRIFT,
            "medium",
            "A volume for secrets is not in memory",
            "Every mount of a secret, of a projected service account token and of an emptyDir with medium Memory is a tmpfs.",
            "/proc/<pid>/mountinfo at each volumeMount's path, against the pod's volumes",
            "Look at how the kubelet's directory is mounted on the node and what is mounted over the volume in the container.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        List<VolumeMount> mounts =
                container.container().map(c -> secrets(c, container)).orElse(List.of());
        if (mounts.isEmpty()) {
            return Optional.empty();
        }
        Judgement judgement = new Judgement(
                DESCRIPTION,
                container,
                String.join(
                        ", ",
                        mounts.stream()
                                .map(mount -> mount.name() + " at " + mount.mountPath())
                                .toList()),
                List.of("tmpfs"));
        List<String> onDisk = new ArrayList<>();
        for (AttributedProcess process : MountNamespaces.ofContainer(container, node)) {
            Optional<MountTable> table = MountNamespaces.table(process, judgement, true);
            if (table.isEmpty()) {
                continue;
            }
            for (VolumeMount wanted : mounts) {
                Optional<Mount> mount = Volumes.mountOf(wanted, table.get(), container);
                mount.ifPresent(
                        found -> judgement.effective(found.fileSystemType(), process, "mountinfo", found::line));
                if (mount.isPresent() && !IN_MEMORY.contains(mount.get().fileSystemType())) {
                    onDisk.add(wanted.name() + " at " + mount.get().mountPoint() + " on "
                            + mount.get().fileSystemType());
                    judgement.offends(process, "mountinfo", mount.get().line());
                }
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.MEDIUM, container.identity().words() + " has " + String.join(", ", onDisk))
                        : judgement.conforms());
    }

    private static List<VolumeMount> secrets(DeclaredContainer declared, ContainerView container) {
        return declared.volumeMounts().stream()
                .filter(mount -> Volumes.of(mount, container)
                        .filter(SecretVolumeCheck::isSecret)
                        .isPresent())
                .toList();
    }

    private static boolean isSecret(Volume volume) {
        return volume.type().equals("secret")
                || (volume.type().equals("projected") && volume.token())
                || (volume.type().equals("emptyDir")
                        && volume.medium().filter("Memory"::equals).isPresent());
    }
}
