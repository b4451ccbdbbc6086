package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Expected.Masks;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Mount;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * In an unprivileged container with procMount Default every masked path of /proc and /sys that this node has is covered, and every
 * read-only one is read-only.
 *
 * <p>A path that is not on the node has no mount and needs none. What is on the node is seen in its own /proc and /sys, and from what
 * other containers cover.
 */
final class ProcMaskCheck implements ContainerCheck {

    private static final Set<String> KERNEL_FILE_SYSTEMS = Set.of("proc", "sysfs");

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "proc-mask",
            FindingKind.DRIFT,
            "high",
            "A mask over /proc or /sys is gone",
            "With procMount Default and without privileged, each default masked or read-only path of /proc and /sys that exists on the node is"
                    + " covered in every mount namespace of the container.",
            "/proc/<pid>/mountinfo, against the runtime's masked and read-only paths",
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
                            existing(bundle.readOnlyPaths(), node).forEach(path -> paths.add(path + " (read-only)"));
                            return paths;
                        },
                        bundle -> !bundle.maskedPaths().containsAll(masked)
                                || !bundle.readOnlyPaths().containsAll(readOnly));
        Set<String> open = new TreeSet<>();
        List<AttributedProcess> looked = MountNamespaces.ofContainer(container, node);
        for (AttributedProcess process : looked) {
            MountNamespaces.table(process, judgement, true).ifPresent(table -> {
                for (String path : masked) {
                    table.covering(path).filter(mount -> shows(mount, path)).ifPresent(mount -> {
                        open.add(path);
                        judgement.offends(process, "mountinfo", mount.line());
                    });
                }
                for (String path : readOnly) {
                    table.covering(path)
                            .filter(mount -> shows(mount, path) && !mount.isReadOnly())
                            .ifPresent(mount -> {
                                open.add(path + " (writable)");
                                judgement.offends(process, "mountinfo", mount.line());
                            });
                }
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
                                        + String.join(", ", open))
                        : judgement.conforms());
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

    /** Does the kernel's own file show through at this path? */
    private static boolean shows(Mount mount, String path) {
        return KERNEL_FILE_SYSTEMS.contains(mount.fileSystemType())
                && (path.startsWith("/proc/")
                        ? mount.fileSystemType().equals("proc")
                        : mount.fileSystemType().equals("sysfs"));
    }

    private static List<String> existing(List<String> paths, NodeView node) {
        return paths.stream()
                .filter(path -> node.facts().maskablePaths().contains(path)
                        || node.mountPoints().contains(path))
                .toList();
    }
}
