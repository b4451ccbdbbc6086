package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Severity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every container on a node with a kubelet was made by the kubelet. What was not is under no policy and in nobody's list. */
final class UnmanagedContainerCheck implements NodeWideCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "unmanaged-container",
            FindingKind.DRIFT,
            "medium",
            "Container that the kubelet did not make",
            "Every container of the node's runtimes that is older than 30 s is one of the kubelet's.",
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
            Optional<AttributedProcess> oldest = container.processes().stream().findFirst();
            Optional<Duration> age = oldest.flatMap(
                    process -> node.facts().ageOf(process.process().key()));
            if (!unmanaged || oldest.isEmpty() || age.isEmpty() || age.get().compareTo(OrphanProcessCheck.GRACE) < 0) {
                continue;
            }
            Judgement judgement = new Judgement(DESCRIPTION, container, "nothing", List.of("made by the kubelet"));
            judgement.effective(
                    container.granted().observed().map(OciBundle::source).orElse("no bundle found"));
            container
                    .processes()
                    .forEach(process -> judgement.offends(
                            process,
                            "cgroup",
                            process.process()
                                    .cgroup()
                                    .observed()
                                    .flatMap(cgroup -> cgroup.lines().stream()
                                            .filter(line -> line.path().length() > 1)
                                            .findFirst())
                                    .map(line -> line.path())
                                    .orElse("/")));
            judged.add(new Judged(
                    container.identity(),
                    judgement.violates(
                            Severity.MEDIUM,
                            container.identity().words() + " runs on this node and no pod declares it")));
        }
        return judged;
    }
}
