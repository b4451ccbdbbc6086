package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Expected.Masks;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.PathIndex;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * In an unprivileged container with procMount Default every masked path of /proc and /sys that this node has is covered, and every
 * read-only one is read-only: where everybody looks for it, and wherever else /proc or /sys is mounted.
 *
 * <p>A path that is not on the node has no mount and needs none. What is on the node is seen in its own /proc and /sys, and from what
 * other containers cover.
 */
final class ProcMaskCheck implements ContainerCheck {

    /** As many places as a person reads; a container may mount as many as it likes. */
    private static final int NAMED = 24;

    private static final String SYS = "/sys";

    private static final String CGROUPS = "/sys/fs/cgroup";

    private static final Set<String> KERNEL_FILE_SYSTEMS = Set.of("proc", "sysfs");

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "proc-mask",
            FindingKind.DRIFT,
            "high",
            "A mask over /proc or /sys is gone",
            "With procMount Default and without privileged, each default masked or read-only path of /proc and /sys that exists on the node, /sys"
                    + " itself and what the runtime mounted read-only of cgroups among them, is covered in every mount namespace of the container, and none"
                    + " of them shows in another mount of /proc or /sys that is no volume.",
            "/proc/<pid>/mountinfo, against the runtime's masked and read-only paths, and its read-only mounts of /sys and of cgroups",
            "Unmounting takes SYS_ADMIN in the container or root on the node: find who, delete the pod.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox()) {
            return Optional.empty();
        }
        Optional<Masks> promise = container.expected().masks().value();
        if (promise.isEmpty()) {
            return Optional.of(unpromised(container, node));
        }
        List<String> masked = existing(promise.get().masked(), node);
        List<String> readOnly = existing(promise.get().readOnly(), node);
        List<String> expected = new ArrayList<>(masked);
        readOnly.forEach(path -> expected.add(path + " (read-only)"));
        Judgement judgement = new Judgement(
                        DESCRIPTION, container, container.expected().masks().declared(), expected)
                .granted(
                        bundle -> {
                            List<String> paths = new ArrayList<>(existing(bundle.maskedPaths(), node));
                            existing(bundle.readOnlyKernelPaths(), node)
                                    .forEach(path -> paths.add(path + " (read-only)"));
                            return paths;
                        },
                        bundle -> !bundle.maskedPaths().containsAll(masked)
                                || !bundle.readOnlyKernelPaths().containsAll(readOnly));
        Set<String> open = new TreeSet<>();
        List<AttributedProcess> looked = MountNamespaces.ofContainer(container, node);
        for (AttributedProcess process : looked) {
            MountNamespaces.table(process, judgement, true).ifPresent(table -> {
                // One mount may show all of them.
                Set<String> lines = new LinkedHashSet<>();
                for (String path : masked) {
                    table.covering(path).filter(mount -> shows(mount, path)).ifPresent(mount -> {
                        open.add(path);
                        lines.add(mount.line());
                    });
                }
                for (String path : readOnly) {
                    for (Mount mount : writable(table, path, process, container)) {
                        open.add(path + " (writable)");
                        lines.add(mount.line());
                    }
                }
                for (Mount mount : elsewhere(table, container, node)) {
                    if (isOpen(mount, table, masked, readOnly)) {
                        open.add(kernelPath(mount) + " at " + mount.mountPoint());
                        lines.add(mount.line());
                    }
                }
                lines.forEach(line -> judgement.offends(process, "mountinfo", line));
            });
        }
        if (!open.isEmpty() || MountNamespaces.anyWhole(looked)) {
            judgement.effective(open.isEmpty() ? List.of("covered") : open);
        }
        if (!judgement.isBroken()) {
            container.first().ifPresent(first -> seen(first, judgement));
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.HIGH,
                                container.identity().words() + " sees what should be covered: "
                                        + String.join(
                                                ", ", open.stream().limit(NAMED).toList()))
                        : judgement.conforms());
    }

    /**
     * The mounts through which what is at this path can be written to. Of cgroups there is one for each controller of version 1, and who
     * is in a namespace that the container made may have some of his own to delegate.
     */
    private static List<Mount> writable(
            MountTable table, String path, AttributedProcess process, ContainerView container) {
        if (!path.equals(CGROUPS)) {
            return table.covering(path).filter(mount -> shows(mount, path) && !mount.isReadOnly()).stream()
                    .toList();
        }
        boolean own = container
                .first()
                .filter(first -> first.process()
                        .namespaces()
                        .inode(NamespaceType.MNT)
                        .equals(process.process().namespaces().inode(NamespaceType.MNT)))
                .isPresent();
        if (!own) {
            return List.of();
        }
        Explanations explanations = new Explanations(container);
        return table.mounts().stream()
                .filter(mount -> mount.fileSystemType().startsWith("cgroup")
                        && !mount.isReadOnly()
                        && MountPoints.isAtOrBelow(mount.mountPoint(), CGROUPS)
                        && table.at(mount.mountPoint()).equals(Optional.of(mount))
                        && !explanations.isVolume(mount))
                .toList();
    }

    /** Anything conforms where nothing is promised; whether the kernel's files show is told. */
    private static Verdict unpromised(ContainerView container, NodeView node) {
        Judgement judgement = new Judgement(
                DESCRIPTION, container, container.expected().masks().declared(), List.of("any"));
        container.first().filter(AttributedProcess::settled).ifPresent(first -> {
            first.process().mounts().observed().ifPresent(table -> {
                boolean open = node.facts().maskablePaths().stream()
                        .anyMatch(path -> table.covering(path)
                                .filter(mount -> shows(mount, path))
                                .isPresent());
                judgement.effective(open ? "not covered" : "covered");
            });
            seen(first, judgement);
        });
        return judgement.conforms();
    }

    /** The line of /proc stands for those of what covers it. */
    private static void seen(AttributedProcess process, Judgement judgement) {
        process.process()
                .mounts()
                .observed()
                .flatMap(table -> table.at("/proc"))
                .ifPresent(mount -> judgement.seen(process, "mountinfo", mount::line));
    }

    /**
     * Parts of /proc and /sys that are not where everybody looks for them: there no mask lies over them. A volume may show the node's own, and
     * of files of the node that nothing declares, with all that is mounted below them, undeclared-mount speaks.
     */
    private static List<Mount> elsewhere(MountTable table, ContainerView container, NodeView node) {
        List<Mount> elsewhere = table.mounts().stream()
                .filter(mount -> KERNEL_FILE_SYSTEMS.contains(mount.fileSystemType())
                        && !mount.mountPoint().equals(kernelPath(mount)))
                .toList();
        if (elsewhere.isEmpty()) {
            return elsewhere;
        }
        Explanations explanations = new Explanations(container);
        HostFiles files = new HostFiles(node.facts());
        PathIndex undeclared = new PathIndex(table.mounts().stream()
                .filter(mount -> files.originOf(mount)
                        .filter(origin -> !explanations.explain(mount, origin, table))
                        .isPresent())
                .map(Mount::mountPoint)
                .toList());
        return elsewhere.stream()
                .filter(mount -> files.originOf(mount).isEmpty()
                        && !explanations.explain(mount, kernelPath(mount), table)
                        && !undeclared.isAtOrBelowAny(mount.mountPoint()))
                .toList();
    }

    /** Where everybody looks for what this mount of /proc or /sys shows. */
    private static String kernelPath(Mount mount) {
        String top = mount.fileSystemType().equals("proc") ? "/proc" : "/sys";
        return mount.root().equals("/") ? top : top + mount.root();
    }

    /** Does a file show in it that is to be masked, or one that is to be read-only and can be written to? */
    private static boolean isOpen(Mount mount, MountTable table, List<String> masked, List<String> readOnly) {
        return masked.stream().anyMatch(path -> shownIn(mount, table, path).isPresent())
                || readOnly.stream()
                        // Of a part of /sys that is mounted somewhere nothing but what is in it counts.
                        .filter(path -> !path.equals(SYS) && !path.equals(CGROUPS))
                        .anyMatch(path -> shownIn(mount, table, path)
                                .filter(shown -> !shown.isReadOnly())
                                .isPresent());
    }

    /** The mount through which the kernel's own file of this path, or a part of that directory, can be seen in another mount. */
    private static Optional<Mount> shownIn(Mount mount, MountTable table, String path) {
        String top = kernelPath(mount);
        if (!MountPoints.isAtOrBelow(path, top) && !MountPoints.isAtOrBelow(top, path)) {
            return Optional.empty();
        }
        String rest = path.length() > top.length() ? path.substring(top.length()) : "";
        return table.covering(mount.mountPoint() + rest)
                .filter(shown -> shown.fileSystemType().equals(mount.fileSystemType()));
    }

    /** Does the kernel's own file show through at this path? */
    private static boolean shows(Mount mount, String path) {
        return KERNEL_FILE_SYSTEMS.contains(mount.fileSystemType())
                && (path.startsWith("/proc/")
                        ? mount.fileSystemType().equals("proc")
                        : mount.fileSystemType().equals("sysfs"));
    }

    private static List<String> existing(List<String> paths, NodeView node) {
        return paths.stream()
                .filter(path -> path.equals(SYS)
                        || path.equals(CGROUPS)
                        || node.facts().maskablePaths().contains(path)
                        || node.mountPoints().contains(path))
                .toList();
    }
}
