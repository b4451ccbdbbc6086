package io.plumbline.checks.inert;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Status;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Violation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All that a container declares has an effect here.
 *
 * <p>One finding per container: its cause is the first reason, {@code effective} names all of them, and the message has a sentence for
 * each. Containers that never start are judged too, because that may be the reason why. What is as it was, on a node that is as it was, is
 * not judged again. One thread at a time.
 */
public final class InertDeclarationCheck implements NodeWideCheck {

    /** In the order of their weight: the first one's cause is the finding's. */
    private static final List<InertRule> RULES = List.of(
            PrivilegedRules::seccomp,
            PrivilegedRules::dropped,
            PrivilegedRules::appArmor,
            new EscalationPointless(),
            AppArmorRules::off,
            AppArmorRules::annotation,
            AppArmorRules::contradiction,
            new NetworkPolicyUnenforced(),
            VolumeRules::hostRoot,
            new PrefixedCapability(),
            new CapabilityNotHeld(),
            VolumeRules::fsGroup,
            new NeverStarts());

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "inert-declaration",
            FindingKind.INERT,
            "medium",
            "Declaration has no effect here",
            "What a container's spec asks for has an effect on this node, under this runtime and this version. Not so: seccomp profile,"
                    + " capabilities.drop or AppArmor profile of a privileged container; allowPrivilegeEscalation: false with SYS_ADMIN or"
                    + " privileged; a capability for a user other than root that no process holds, or one that is written with CAP_ under containerd; an AppArmor annotation that this version"
                    + " ignores or that contradicts the field; a profile on a node without AppArmor; a NetworkPolicy under a network plugin"
                    + " that enforces none; readOnlyRootFilesystem beside a writable hostPath of /; fsGroup on a volume type that ignores it; runAsNonRoot of a container whose user is root.",
            "The spec of pod and container, the container's status, against the runtime's OCI bundle, /proc/<pid>/status,"
                    + " /proc/<pid>/attr/current and what this node has",
            "The finding's message says who ignores which field and what to write instead.");

    private @Nullable Circumstances circumstances;
    private Map<Place, Known> known = new HashMap<>();
    private List<ContainerView> containers = List.of();
    private List<DeclaredPod> pods = List.of();
    private List<Judged> judged = List.of();

    /** What was said of a container, and of what it was said. */
    private record Known(DeclaredPod pod, Optional<ContainerView> view, Optional<Verdict> verdict) {

        /** A container that is as it was has the same view, and with it an equal pod. */
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(DeclaredPod otherPod, @Nullable ContainerView other) {
            return other == null ? view.isEmpty() && pod.equals(otherPod) : view.isPresent() && view.get() == other;
        }
    }

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        Circumstances now = Circumstances.of(node);
        List<DeclaredPod> declared = node.declared().map(DeclaredNode::pods).orElse(List.of());
        boolean same = now.equals(circumstances);
        if (!same || !isSame(containers, node.containers()) || !isSame(pods, declared)) {
            Map<Place, Known> next = new HashMap<>();
            // Kept together when all is said: of what fails half-way nothing is known.
            judged = judge(node.containers(), declared, now, same ? known : Map.of(), next);
            known = next;
            circumstances = now;
            containers = node.containers();
            pods = declared;
        }
        return judged;
    }

    /** The very same list. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(List<?> before, List<?> now) {
        return before == now;
    }

    /**
     * @param before what was said in the same circumstances
     * @param next takes what is said
     */
    private static List<Judged> judge(
            List<ContainerView> containers,
            List<DeclaredPod> pods,
            Circumstances now,
            Map<Place, Known> before,
            Map<Place, Known> next) {
        Map<Place, ContainerView> views = new HashMap<>();
        for (ContainerView view : containers) {
            if (view.declaration() instanceof Declaration.OfSpec spec) {
                views.put(new Place(spec.pod().uid(), spec.container().name()), view);
            }
        }
        List<Judged> all = new ArrayList<>();
        for (DeclaredPod pod : pods) {
            if (pod.isOver()) {
                continue; // the list keeps it until somebody deletes it, and nothing of it has an effect any more
            }
            for (DeclaredContainer container : pod.containers()) {
                Place place = new Place(pod.uid(), container.name());
                ContainerView running = views.get(place);
                Known last = before.get(place);
                Known said = last != null && last.isOf(pod, running)
                        ? last
                        : judge(pod, container, Optional.ofNullable(running), now);
                next.put(place, said);
                if (said.verdict().isPresent()) {
                    all.add(new Judged(
                            running == null ? identity(pod, container) : running.identity(),
                            said.verdict().get()));
                }
            }
        }
        return List.copyOf(all);
    }

    private static Known judge(
            DeclaredPod pod, DeclaredContainer container, Optional<ContainerView> view, Circumstances node) {
        return new Known(pod, view, verdict(new Subject(pod, container, view, node)));
    }

    private record Place(String podUid, String container) {}

    private static Optional<Verdict> verdict(Subject subject) {
        List<Inert> found = new ArrayList<>();
        for (InertRule rule : RULES) {
            rule.judge(subject).ifPresent(found::add);
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        String who = subject.pod().namespace() + "/" + subject.pod().name() + " (container "
                + subject.container().name() + ")";
        return Optional.of(new Verdict(
                DESCRIPTION.id(),
                found.stream().map(Inert::declared).collect(Collectors.joining("; ")),
                List.of("an effect"),
                Optional.empty(),
                found.stream().map(one -> one.cause().word()).toList(),
                Optional.of(new Violation(
                        Severity.MEDIUM,
                        DESCRIPTION.title(),
                        who + ": "
                                + found.stream()
                                        .map(one -> one.declared() + " has no effect: " + one.why())
                                        .collect(Collectors.joining("; ")),
                        found.get(0).cause(),
                        found.stream().map(Inert::remedy).distinct().collect(Collectors.joining(". ")) + ".",
                        subject.processes().stream().limit(1).toList(),
                        found.stream().flatMap(one -> one.evidence().stream()).toList())),
                List.of()));
    }

    /** Of a container without a process only the API's names are known, and an id if it ran before. */
    private static ContainerIdentity identity(DeclaredPod pod, DeclaredContainer container) {
        return new ContainerIdentity(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                Optional.of(container.name()),
                container.status().flatMap(Status::id).orElse(""),
                container.status().flatMap(Status::runtime).orElse(""));
    }
}
