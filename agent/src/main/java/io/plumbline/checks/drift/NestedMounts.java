package io.plumbline.checks.drift;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * File systems that were mounted in a container, in a mount namespace of their own: whoever did it says what is on them, so that their
 * files are no image's. It takes no more than a user namespace (an overlay: since Linux 5.11).
 *
 * <p>What a runtime mounts the host sees, or the container's first process. Containers in a container keep their layers on a volume; of
 * those of fuse-overlayfs the mount does not tell where.
 */
final class NestedMounts {

    private static final Set<String> TYPES = Set.of("overlay", "tmpfs", "ramfs");
    private static final List<String> LAYERS = List.of("upperdir", "lowerdir");

    private final ContainerIdentity container;
    private final Optional<Long> firstNamespace;
    private final Optional<MountTable> firstTable;
    private final NodeView node;
    private final Explanations explanations;

    NestedMounts(ContainerView container, NodeView node, Explanations explanations) {
        Optional<ProcessSnapshot> first = container.first().map(AttributedProcess::process);
        this.container = container.identity();
        this.firstNamespace = first.flatMap(NestedMounts::namespace);
        this.firstTable = first.flatMap(process -> process.mounts().observed());
        this.node = node;
        this.explanations = explanations;
    }

    /** The one that this process runs its program from, unless its layers are on a volume of the container. */
    Optional<Mount> under(ProcessSnapshot process, String program) {
        Optional<Long> namespace = namespace(process);
        if (namespace.isEmpty()
                || firstNamespace.isEmpty()
                || namespace.equals(firstNamespace)
                || isAnothers(namespace.get())) {
            return Optional.empty();
        }
        return process.mounts()
                .observed()
                .flatMap(table -> table.covering(program))
                .filter(mount -> TYPES.contains(mount.fileSystemType()) && isUnknown(mount.device()))
                .filter(mount -> !isOnVolume(mount));
    }

    private static Optional<Long> namespace(ProcessSnapshot process) {
        return process.namespaces().inode(NamespaceType.MNT).observed();
    }

    /** That a process has entered another container is said elsewhere. */
    private boolean isAnothers(long namespace) {
        return node.ownerOf(namespace).filter(owner -> !owner.equals(container)).isPresent();
    }

    /** Mounted neither on the host nor where the container began; false where one of both is not known. */
    private boolean isUnknown(String device) {
        Optional<MountTable> host = node.facts().hostMounts().observed();
        return host.isPresent() && firstTable.isPresent() && !has(host.get(), device) && !has(firstTable.get(), device);
    }

    private static boolean has(MountTable table, String device) {
        return table.mounts().stream().anyMatch(mount -> mount.device().equals(device));
    }

    /** By where the container's first process finds the directory into which is written, or the layer on top. */
    private boolean isOnVolume(Mount mount) {
        return LAYERS.stream()
                .flatMap(layer -> mount.superOption(layer).stream())
                .findFirst()
                .map(paths -> paths.split(":", 2)[0])
                .filter(path -> path.startsWith("/"))
                .flatMap(path -> firstTable.flatMap(table -> table.covering(path)))
                .filter(explanations::isVolume)
                .isPresent();
    }
}
