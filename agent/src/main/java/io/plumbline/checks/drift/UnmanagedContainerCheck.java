package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.Cause;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import java.util.ArrayList;
import java.util.List;

/** Every container on a node with a kubelet was made by the kubelet. What was not is under no policy and in nobody's list. */
final class UnmanagedContainerCheck implements NodeWideCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "unmanaged-container",
            FindingKind.DRIFT,
            "medium",
            "Container that the kubelet did not make",
            "Every container of the node's runtimes is one of the kubelet's; one that was made as the kubelet makes them gets 30 s until the"
                    + " kubelet tells of it.",
            "The OCI bundles of the node's runtimes and /proc/<pid>/cgroup, against the kubelet's /pods",
            "Somebody used ctr, nerdctl, docker, podman or runc on the node: run it as a pod, or stop it.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        List<Judged> judged = new ArrayList<>();
        if (!node.kubeletAsked()) {
            return judged;
        }
        for (ContainerView container : node.containers()) {
            boolean unmanaged = container.declaration() instanceof Declaration.OfBundle
                    || container.declaration() instanceof Declaration.OfNobody;
            if (!unmanaged
                    || container.settled().findAny().isEmpty()
                    || (isOfCri(container) && isYoung(container, node))) {
                continue;
            }
            Judgement judgement = new Judgement(DESCRIPTION, container, "nothing", List.of("made by the kubelet"));
            judgement.effective(maker(container));
            container
                    .processes()
                    .forEach(process -> judgement.offends(
                            process,
                            "cgroup",
                            // Its cgroup is what made it a process of a container.
                            process.process().cgroup().observed().orElseThrow().lines().stream()
                                    .filter(line -> line.path().length() > 1)
                                    .findFirst()
                                    .map(CgroupMembership.Line::text)
                                    .orElseThrow()));
            judged.add(new Judged(
                    container.identity(),
                    judgement.violates(
                            Severity.MEDIUM,
                            container.identity().words() + " runs on this node and no pod declares it",
                            Cause.NOT_EXPLAINED_BY_SPEC)));
        }
        return judged;
    }

    /** Who made it, as far as that was found. */
    private static String maker(ContainerView container) {
        return container
                .granted()
                .observed()
                .map(bundle -> "made by " + bundle.runtime()
                        + (bundle.runtimeNamespace().isEmpty() ? "" : ", namespace " + bundle.runtimeNamespace())
                        + ", as " + bundle.source() + " says")
                .orElse("made by an unknown runtime: no bundle found");
    }

    /** Made through the container runtime interface: the kubelet may not have told of it yet. */
    private static boolean isOfCri(ContainerView container) {
        return container
                .granted()
                .observed()
                .filter(bundle -> bundle.runtimeNamespace().equals("k8s.io")
                        || bundle.runtime().equals("cri-o"))
                .isPresent();
    }

    private static boolean isYoung(ContainerView container, NodeView node) {
        return container.processes().stream()
                .findFirst()
                .flatMap(oldest -> node.facts().ageOf(oldest.process().key()))
                .filter(age -> age.compareTo(OrphanProcessCheck.GRACE) >= 0)
                .isEmpty();
    }
}
