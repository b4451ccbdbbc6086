package io.plumbline.checks.drift;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The files that a container was given: its root file system, its volumes, what the runtime mounts into every container. A mount that shows
 * some of them once more shows nothing of the host.
 *
 * <p>Sandboxes of build tools and browsers (bubblewrap) and containers in a container put their root together of such mounts, and a hook of
 * kind's nodes covers files of /sys by files that it has put into the container.
 */
final class GivenFiles {

    private final MountTable table;
    private final HostFiles host;
    private final Explanations explanations;
    private @Nullable Set<Part> given;

    /** A directory of a file system, or a file, and what is below it. */
    private record Part(String device, String root, boolean readOnly) {
        static Part of(Mount mount) {
            return new Part(mount.device(), mount.root(), mount.isReadOnly());
        }
    }

    /** @param table of the mount namespace that the container's first process is in */
    GivenFiles(Optional<MountTable> table, HostFiles host, Explanations explanations) {
        this.table = table.orElse(new MountTable(List.of()));
        this.host = host;
        this.explanations = explanations;
    }

    /** Of those who stand for the mount namespaces of a container, the one in that of its first process. */
    static Optional<AttributedProcess> beside(Optional<AttributedProcess> first, List<AttributedProcess> looked) {
        Optional<Reading<Long>> namespace = first.map(GivenFiles::mountNamespace);
        return looked.stream()
                .filter(process -> namespace.equals(Optional.of(mountNamespace(process))))
                .findFirst();
    }

    private static Reading<Long> mountNamespace(AttributedProcess process) {
        return process.process().namespaces().inode(NamespaceType.MNT);
    }

    /** Does the container have these files anyway? Written to, where they were given to be read, they are others. */
    boolean have(Mount mount) {
        Set<Part> all = given();
        return MountPoints.upFrom(mount.root()).stream()
                .anyMatch(root -> all.contains(new Part(mount.device(), root, false))
                        || (mount.isReadOnly() && all.contains(new Part(mount.device(), root, true))));
    }

    /** Asked only where a mount is not explained by itself, which is next to never. */
    private Set<Part> given() {
        Set<Part> all = given;
        if (all == null) {
            all = table.mounts().stream().filter(this::isGiven).map(Part::of).collect(Collectors.toSet());
            given = all;
        }
        return all;
    }

    private boolean isGiven(Mount mount) {
        return host.originOf(mount)
                .map(origin -> explanations.explain(mount, origin, table))
                .orElseGet(() -> isCgroup(mount));
    }

    /** The container's own part of the hierarchy: unlike those of /proc and /sys, nothing in it is masked. */
    private static boolean isCgroup(Mount mount) {
        return mount.fileSystemType().equals("cgroup") || mount.fileSystemType().equals("cgroup2");
    }
}
