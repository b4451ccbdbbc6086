package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Evidence;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.ExecutableOrigin.Kind;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Mount;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Every program that runs in a container comes from its image or from a volume.
 *
 * <p>A file in the writable layer was written after the container was made; a file in memory or one that was deleted cannot be looked at
 * any more, which is often the purpose. A program of the node runs in a container only by a descriptor that was opened outside of it.
 */
final class ExecutableCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "executable",
            FindingKind.DRIFT,
            "medium",
            "Running program is not from the image",
            "The file that a process of a container runs is in a read-only layer of the image or on a volume: not in the writable layer, not in"
                    + " memory (memfd), not deleted, and neither the node's own nor another pod's.",
            "/proc/<pid>/exe, its mount in /proc/<pid>/mountinfo, and the overlay's upperdir seen through the host's root",
            "A package manager or an installer at run time does this too: build it into the image and set readOnlyRootFilesystem: true. Else"
                    + " keep /proc/<pid>/exe for forensics before you delete the pod.");

    private static final Set<Kind> NO_MOUNT_OF_ITS_OWN = Set.of(Kind.MEMFD, Kind.DELETED, Kind.HOST);

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        if (container.isSandbox()) {
            return Optional.empty();
        }
        Judgement judgement =
                new Judgement(DESCRIPTION, container, "the image and its volumes", List.of("image", "volume"));
        Explanations explanations = new Explanations(container);
        NestedMounts nested = new NestedMounts(container, node, explanations);
        boolean known = !(container.declaration() instanceof Declaration.OfNobody);
        Optional<Long> host = node.facts().hostNamespace(NamespaceType.MNT).observed();
        for (AttributedProcess process : container.settled().toList()) {
            Optional<Long> mnt =
                    process.process().namespaces().inode(NamespaceType.MNT).observed();
            if (mnt.isPresent() && mnt.equals(host)) {
                continue; // in the host's mount namespace: host-mount says so, and its program is the host's
            }
            Reading<ExecutableOrigin> origin = process.process().executableOrigin();
            Optional<Kind> kind = origin.observed().map(ExecutableOrigin::kind);
            String program = process.process().executable().observed().orElse("");
            Optional<Mount> undeclared =
                    known ? undeclared(process.process(), kind, program, explanations, nested) : Optional.empty();
            if (undeclared.isPresent()) {
                judgement.effective("no volume", process, "exe", () -> program);
                judgement.offends(process, "exe", program);
                judgement.offends(process, "mountinfo", undeclared.get().line());
            } else if (kind.isEmpty()) {
                judgement.cannotTell(process, origin);
            } else if (isAnotherPods(origin, container, node)) {
                judgement.effective("another pod's", process, "exe", () -> program);
                judgement.offends(process, "exe", program);
            } else {
                judgement.effective(words(kind.get()), process, "exe", () -> program);
                if (kind.get() != Kind.IMAGE && kind.get() != Kind.VOLUME) {
                    judgement.offends(process, "exe", program);
                }
                if (kind.get() == Kind.HOST) {
                    judgement.offends(
                            process,
                            new Evidence(
                                    "/proc/1/mountinfo", origin.observed().get().evidence()));
                }
                if (kind.get() == Kind.WRITABLE_LAYER) {
                    judgement.offends(
                            process, new Evidence(origin.observed().get().evidence(), "exists"));
                }
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.MEDIUM,
                                judgement.who() + " " + judgement.verb("run") + " a program that is not from the image")
                        : judgement.conforms());
    }

    /** Executed by a descriptor, or by another process's {@code /proc/<pid>/root}. */
    private static boolean isAnotherPods(Reading<ExecutableOrigin> origin, ContainerView container, NodeView node) {
        return origin.observed()
                .flatMap(ExecutableOrigin::elsewhere)
                .flatMap(namespace -> ForeignNamespaceCheck.stranger(Reading.of(namespace), container, node))
                .isPresent();
    }

    /** The mount that a program is on, if nobody declared that one: then it is neither the image's nor a volume's. */
    private static Optional<Mount> undeclared(
            ProcessSnapshot process,
            Optional<Kind> kind,
            String program,
            Explanations explanations,
            NestedMounts nested) {
        if (kind.equals(Optional.of(Kind.VOLUME))) {
            return process.mounts()
                    .observed()
                    .flatMap(table -> table.covering(program))
                    .filter(mount -> !explanations.isVolume(mount));
        }
        boolean inNoMountOfItsOwn = kind.filter(NO_MOUNT_OF_ITS_OWN::contains).isPresent();
        return inNoMountOfItsOwn || program.isEmpty() ? Optional.empty() : nested.under(process, program);
    }

    private static String words(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
