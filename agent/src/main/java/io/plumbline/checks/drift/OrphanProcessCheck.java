package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.Component;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.checks.SandboxedRuntimes;
import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.Reason;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Expected;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.SameObjects;
import io.plumbline.model.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Every process in a cgroup of the kubelet belongs to a container that the kubelet knows.
 *
 * <p>The kubelet's list lags by seconds after a start, a container's and its own, so only what is older than that counts. As long as they are the same, the
 * same is said, and not found out again.
 */
final class OrphanProcessCheck implements NodeWideCheck {

    /** How long the kubelet may take to tell of what already runs. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "orphan-process",
            FindingKind.DRIFT,
            "medium",
            "Process in a pod's cgroup that the kubelet does not know",
            "Every process that has been in a pod's cgroup for 30 s belongs to a container of the kubelet's list, to one only, and with every"
                    + " controller that its pod is limited by; in the sandbox's cgroup there is its first process alone.",
            "/proc/<pid>/cgroup, against the kubelet's /pods",
            "Left over from a pod that is gone, or a container made beside the kubelet (crictl, ctr, runc): compare crictl ps -a with kubectl get"
                    + " pods, and stop what nobody owns. Who moved a process between cgroups is root on the node, or writes to a cgroup file system"
                    + " mounted in a container.");

    private final Strays strays = new Strays();

    private Map<ContainerIdentity, Known> known = Map.of();

    /** Who was in a cgroup of nobody's, and what was said of that. */
    private record Known(List<AttributedProcess> orphans, Judged judged) {}

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        Map<ContainerIdentity, List<AttributedProcess>> orphans = new LinkedHashMap<>();
        for (AttributedProcess process : node.others()) {
            if (process.attribution() instanceof Attribution.Unattributed unattributed
                    && isUnknown(unattributed.reason())
                    && !isSandboxedRuntimes(process, unattributed)
                    && hasBeenLong(process, node)) {
                orphans.computeIfAbsent(identity(unattributed), key -> new ArrayList<>())
                        .add(process);
            }
        }
        if (!orphans.isEmpty() && isKubeletNew(node)) {
            orphans.values().forEach(all -> all.removeIf(process -> !isInSeveral(process)));
            orphans.values().removeIf(List::isEmpty);
        }
        Map<ContainerIdentity, Known> now = new LinkedHashMap<>();
        orphans.forEach((identity, processes) -> {
            Known before = known.get(identity);
            now.put(
                    identity,
                    before != null && SameObjects.areIn(before.orphans(), processes)
                            ? before
                            : new Known(processes, judged(identity, processes)));
        });
        known = now;
        List<Judged> judged = new ArrayList<>();
        now.values().forEach(each -> judged.add(each.judged()));
        if (node.kubeletAsked()) {
            for (Strays.OfContainer found : strays.of(node.containers())) {
                judged(found, node).ifPresent(judged::add);
            }
        }
        return judged;
    }

    private static Optional<Judged> judged(Strays.OfContainer strays, NodeView node) {
        Judgement judgement =
                new Judgement(DESCRIPTION, strays.container(), "nothing", List.of("in its cgroup, whole"));
        strays.processes().forEach((process, lines) -> {
            if (hasBeenLong(process, node)) {
                judgement.effective(strays.words());
                lines.forEach(line -> judgement.offends(process, "cgroup", line.text()));
            }
        });
        return judgement.isBroken()
                ? Optional.of(new Judged(
                        strays.container().identity(),
                        judgement.violates(Severity.MEDIUM, judgement.whoIs() + " " + strays.words())))
                : Optional.empty();
    }

    private static boolean hasBeenLong(AttributedProcess process, NodeView node) {
        return node.facts()
                .ageOf(process.process().key())
                .filter(age -> age.compareTo(GRACE) >= 0)
                .isPresent();
    }

    /** For seconds after its start a kubelet lists none of the pods that run, and then one after the other. */
    private static boolean isKubeletNew(NodeView node) {
        return Component.kubelets(node.others()).stream().anyMatch(kubelet -> !hasBeenLong(kubelet, node));
    }

    private static ContainerIdentity identity(Attribution.Unattributed unattributed) {
        return new ContainerIdentity(
                unattributed.pod().map(DeclaredPod::namespace).orElse(""),
                unattributed.pod().map(DeclaredPod::name).orElse(""),
                unattributed
                        .pod()
                        .map(DeclaredPod::uid)
                        .or(unattributed::podUid)
                        .orElse(""),
                unattributed.containerId(),
                unattributed.containerId().orElse(""),
                "");
    }

    private static Judged judged(ContainerIdentity identity, List<AttributedProcess> orphans) {
        Judgement judgement = judgement(identity);
        for (AttributedProcess orphan : orphans) {
            Attribution.Unattributed unattributed = (Attribution.Unattributed) orphan.attribution();
            judgement.effective(unattributed.reason().toString());
            lines(orphan, unattributed).forEach(line -> judgement.offends(orphan, "cgroup", line));
        }
        String processes = orphans.size() + (orphans.size() == 1 ? " process" : " processes");
        boolean torn = orphans.stream().allMatch(OrphanProcessCheck::isInSeveral);
        return new Judged(
                identity,
                judgement.violates(Severity.MEDIUM, processes + (torn ? whereToo(identity) : where(identity))));
    }

    /** The kernel's line in which the directory stands; of a process that is in several, a line for each. */
    private static List<String> lines(AttributedProcess process, Attribution.Unattributed unattributed) {
        List<CgroupMembership.Line> all = process.process().cgroup().observed().stream()
                .flatMap(cgroup -> cgroup.lines().stream())
                .toList();
        if (isInSeveral(process)) {
            Set<String> paths = new HashSet<>();
            return all.stream()
                    .filter(line -> paths.add(line.path()))
                    .map(CgroupMembership.Line::text)
                    .toList();
        }
        return List.of(all.stream()
                .filter(line -> line.path().contains(unattributed.detail()))
                .findFirst()
                .map(CgroupMembership.Line::text)
                .orElse(unattributed.detail()));
    }

    /** Under version 1 a process has a cgroup for each controller: one write makes it nobody's, and no other check looks at it. */
    private static boolean isInSeveral(AttributedProcess process) {
        return process.attribution() instanceof Attribution.Unattributed unattributed
                && unattributed.reason() == Reason.CONTRADICTION;
    }

    private static String whereToo(ContainerIdentity identity) {
        String pod = identity.pod().isEmpty()
                ? "a pod (pod UID " + identity.podUid() + ")"
                : identity.namespace() + "/" + identity.pod();
        return " in the cgroup of " + pod + ", container " + identity.containerId()
                + ", and with other controllers in another container's";
    }

    private static String where(ContainerIdentity identity) {
        String container = identity.containerId().isEmpty() ? "" : "container " + identity.containerId();
        if (identity.pod().isEmpty()) {
            return " in a pod's cgroup (pod UID " + identity.podUid() + (container.isEmpty() ? "" : ", " + container)
                    + ") that the kubelet does not know";
        }
        return " in the cgroup of " + identity.namespace() + "/" + identity.pod() + ", in "
                + (container.isEmpty() ? "none of its containers" : container + " that the kubelet does not know");
    }

    /** A virtual machine's monitor is in a cgroup of the pod that is no container's. */
    private static boolean isSandboxedRuntimes(AttributedProcess process, Attribution.Unattributed unattributed) {
        return unattributed.pod().flatMap(DeclaredPod::runtimeClassName).isPresent()
                && SandboxedRuntimes.isProgram(process.process());
    }

    private static boolean isUnknown(Reason reason) {
        return reason == Reason.UNKNOWN_POD
                || reason == Reason.UNKNOWN_CONTAINER
                || reason == Reason.NO_CONTAINER
                || reason == Reason.CONTRADICTION;
    }

    private static Judgement judgement(ContainerIdentity identity) {
        return new Judgement(DESCRIPTION, nobodys(identity), "nothing", List.of("known to the kubelet"));
    }

    private static ContainerView nobodys(ContainerIdentity identity) {
        AttributedContainer container = new AttributedContainer(
                identity,
                new Declaration.OfNobody(),
                new Reading.Absent<>("bundle of container " + identity.containerId()),
                List.of(),
                Optional.empty());
        String why = "nobody declares it";
        return new ContainerView(
                container,
                new Expected(
                        Map.of(),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why),
                        Promise.none(why)));
    }
}
