package io.plumbline.checks.drift;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.PathIndex;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private @Nullable Map<Access, PathIndex> given;

    private record Access(String device, boolean readOnly) {}

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
        return isGiven(mount, false) || (mount.isReadOnly() && isGiven(mount, true));
    }

    private boolean isGiven(Mount mount, boolean readOnly) {
        PathIndex parts = given().get(new Access(mount.device(), readOnly));
        return parts != null && parts.isAtOrBelowAny(mount.root());
    }

    /** Asked only where a mount is not explained by itself, which is next to never. */
    private Map<Access, PathIndex> given() {
        Map<Access, PathIndex> all = given;
        if (all == null) {
            all = table.mounts().stream()
                    .filter(this::isDeclared)
                    .collect(groupingBy(
                            mount -> new Access(mount.device(), mount.isReadOnly()),
                            mapping(Mount::root, collectingAndThen(toSet(), PathIndex::new))));
            given = all;
        }
        return all;
    }

    private boolean isDeclared(Mount mount) {
        return host.originOf(mount)
                .map(origin -> explanations.explain(mount, origin, table))
                .orElseGet(() -> isCgroup(mount));
    }

    /** The container's own part of the hierarchy: unlike those of /proc and /sys, nothing in it is masked. */
    private static boolean isCgroup(Mount mount) {
        return mount.fileSystemType().equals("cgroup") || mount.fileSystemType().equals("cgroup2");
    }
}
