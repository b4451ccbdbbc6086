package io.plumbline.checks.node;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.Component;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Evidence;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import java.util.ArrayList;
import java.util.List;

/** The kubelet that runs is the one that is installed: the kernel marks the file of a running program that was deleted or replaced. */
final class KubeletReplacedCheck implements NodeWideCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "kubelet-replaced",
            FindingKind.NODE,
            "medium",
            "Running kubelet is not the installed one",
            "The file that the running kubelet was started from is still there.",
            "The link /proc/<pid>/exe of the kubelet, which ends in (deleted) where the file is gone",
            "After an upgrade restart the kubelet (systemctl restart kubelet); without one find out who replaced it.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        List<Judged> judged = new ArrayList<>();
        NodeVerdict verdict = new NodeVerdict(DESCRIPTION, "the installed file");
        for (AttributedProcess kubelet : Component.kubelets(node.others())) {
            kubelet.process()
                    .executable()
                    .fold(
                            path -> judged.add(
                                    path.endsWith(" (deleted)")
                                            ? verdict.wrong(
                                                    path,
                                                    "the kubelet runs from a file that was deleted or replaced since it"
                                                            + " started",
                                                    List.of(kubelet),
                                                    new Evidence(
                                                            kubelet.process().file("exe"), path))
                                            : verdict.fine(path)),
                            absent -> false,
                            unreadable ->
                                    judged.add(verdict.unknown(kubelet.process().executable())));
        }
        return judged.size() > 1 ? judged.subList(0, 1) : judged;
    }
}
