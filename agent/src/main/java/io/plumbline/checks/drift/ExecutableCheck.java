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
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Every program that runs in a container comes from its image or from a volume.
 *
 * <p>A file in the writable layer was written after the container was made; a file in memory or one that was deleted cannot be looked at
 * any more, which is often the purpose.
 */
final class ExecutableCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "executable",
            FindingKind.DRIFT,
            "medium",
            "Running program is not from the image",
            "The file that a process of a container runs is in a read-only layer of the image or on a volume: not in the writable layer, not in"
                    + " memory (memfd), not deleted.",
            "/proc/<pid>/exe, its mount in /proc/<pid>/mountinfo, and the overlay's upperdir seen through the host's root",
            "A package manager or an installer at run time does this too: build it into the image and set readOnlyRootFilesystem: true. Else"
                    + " keep /proc/<pid>/exe for forensics before you delete the pod.");

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
        boolean known = !(container.declaration() instanceof Declaration.OfNobody);
        Optional<Long> host = node.facts().hostNamespace(NamespaceType.MNT).observed();
        for (AttributedProcess process : container.settled().toList()) {
            Optional<Long> mnt =
                    process.process().namespaces().inode(NamespaceType.MNT).observed();
            if (mnt.isPresent() && mnt.equals(host)) {
                continue; // in the host's mount namespace: host-mount says so, and its program is the host's
            }
            Reading<ExecutableOrigin> origin = process.process().executableOrigin();
            if (origin.observed().isEmpty()) {
                judgement.cannotTell(process, origin);
                continue;
            }
            Kind kind = origin.observed().get().kind();
            String program = process.process().executable().observed().orElse("");
            Optional<Mount> undeclared = kind == Kind.VOLUME && known
                    ? process.process()
                            .mounts()
                            .observed()
                            .flatMap(table -> table.covering(program))
                            .filter(mount -> !explanations.isVolume(mount))
                    : Optional.empty();
            judgement.effective(undeclared.isPresent() ? "no volume" : words(kind), process, "exe", () -> program);
            if (undeclared.isPresent()) {
                judgement.offends(process, "exe", program);
                judgement.offends(process, "mountinfo", undeclared.get().line());
            } else if (kind != Kind.IMAGE && kind != Kind.VOLUME) {
                judgement.offends(process, "exe", program);
            }
            if (kind == Kind.WRITABLE_LAYER) {
                judgement.offends(process, new Evidence(origin.observed().get().evidence(), "exists"));
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.MEDIUM,
                                judgement.who() + " " + judgement.verb("run") + " a program that is not from the image")
                        : judgement.conforms());
    }

    private static String words(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
