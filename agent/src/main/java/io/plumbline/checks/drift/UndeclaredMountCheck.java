package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Every mount of a container that shows files of the host is explained: by a volume of the pod or of the image, by the runtime's own files,
 * or by a projected token. It can be written to only where that may be.
 *
 * <p>A mount shows the host's files if its file system is one that the host's own mount namespace has mounted too (same device), a
 * block device that it has not, or one of those of which the kernel has a single one.
 */
final class UndeclaredMountCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "undeclared-mount",
            FindingKind.DRIFT,
            "high",
            "Files of the host are mounted that nothing declares",
            "Every mount of a container that shows files of the host is explained by a volume of the pod or of the image, by the runtime's own"
                    + " files (hosts, hostname, resolv.conf, termination log, /dev/shm), by a projected token, or by a device that it asks for."
                    + " A volume that is mounted readOnly explains no mount that can be written to.",
            "/proc/<pid>/mountinfo, joined by device with the host's own mount table, against volumes, volumeMounts, the extended resources and"
                    + " claims of resources, and what the OCI bundle says that the runtime mounts",
            "Declare it as a volume if it is meant. Else: a mount from inside takes SYS_ADMIN, one from outside root on the node; one from the"
                    + " runtime comes from NRI, CDI or a hook.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox() || container.declaration() instanceof Declaration.OfNobody) {
            return Optional.empty();
        }
        Explanations explanations = new Explanations(container);
        Judgement judgement =
                new Judgement(DESCRIPTION, container, explanations.words(), List.of("nothing else of the host"));
        Optional<MountTable> host = node.facts().hostMounts().observed();
        if (host.isEmpty()) {
            judgement.cannotTell(
                    "the host's mount table",
                    node.facts().hostMounts().trouble().orElse("unknown"));
            return Optional.of(judgement.conforms());
        }
        HostFiles files = new HostFiles(node.facts());
        List<Mount> unexplained = new ArrayList<>();
        List<Mount> inPlaceOfAnother = new ArrayList<>();
        List<AttributedProcess> looked = MountNamespaces.ofContainer(container, node);
        GivenFiles given = new GivenFiles(
                GivenFiles.beside(container.first(), looked)
                        .flatMap(process -> process.process().mounts().observed()),
                files,
                explanations);
        for (AttributedProcess process : looked) {
            MountNamespaces.table(process, judgement, true).ifPresent(table -> {
                table.at("/").ifPresent(root -> judgement.seen(process, "mountinfo", root::line));
                for (Mount mount : table.mounts()) {
                    Optional<String> origin = files.originOf(mount);
                    if (origin.isPresent() && !explanations.explain(mount, origin.get(), table) && !given.have(mount)) {
                        judgement.effective(origin.get() + " at " + mount.mountPoint()
                                + (explanations.isWritableVolume(mount) ? " (writable)" : ""));
                        judgement.offends(process, "mountinfo", mount.line());
                        unexplained.add(mount);
                        if (explanations.isInPlaceOfAnother(mount, origin.get(), table)) {
                            inPlaceOfAnother.add(mount);
                        }
                    }
                }
            });
        }
        if (unexplained.isEmpty()) {
            if (MountNamespaces.anyWhole(looked)) {
                judgement.effective("nothing else of the host");
            }
            return Optional.of(judgement.conforms());
        }
        judgement.granted(
                bundle -> bundle.mounts().stream()
                        .map(mount -> mount.source() + " at " + mount.destination())
                        .toList(),
                bundle -> inPlaceOfAnother.isEmpty()
                        && unexplained.stream()
                                .allMatch(mount -> bundle.mounts().stream()
                                        .anyMatch(told -> Volumes.normal(told.destination())
                                                        .equals(mount.mountPoint())
                                                && told.isReadOnly() == mount.isReadOnly())));
        return Optional.of(judgement.violates(
                Severity.HIGH,
                container.identity().words()
                        + (unexplained.stream().allMatch(explanations::isWritableVolume)
                                ? " can write to what it may only read, at "
                                : " sees files of the host at ")
                        + String.join(
                                ", ",
                                unexplained.stream()
                                        .map(Mount::mountPoint)
                                        .distinct()
                                        .limit(4)
                                        .toList())));
    }
}
