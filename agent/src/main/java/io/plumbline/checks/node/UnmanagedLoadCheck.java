package io.plumbline.checks.node;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.Component;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.Evidence;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeLoad;
import io.plumbline.model.NodeLoad.CgroupUse;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What runs on a node of a cluster belongs to the cluster or to the system: a drain of its resources has a cgroup of its own, or hides. */
final class UnmanagedLoadCheck implements NodeWideCheck {

    /** From this share of the node's memory, or of its CPUs, on. */
    private static final double SHARE = 0.1;

    private static final int SHOWN = 10;

    /** Where systemd puts the system and who is logged in, systemd.special(7). */
    private static final Set<String> SYSTEM = Set.of("system.slice", "user.slice", "init.scope");

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "unmanaged-load",
            FindingKind.NODE,
            "medium",
            "Something else than the cluster uses this node",
            "On a node with a kubelet no tenth of the memory or of the CPUs is used outside of the cgroups of pods, of the kubelet and of the"
                    + " system's slices.",
            "memory.current and cpu.stat (version 1: memory.usage_in_bytes and cpuacct.usage) of each cgroup directly below the root,"
                    + " without the cache that can be given up; CPUs since the reading before, five seconds ago or more. Processes in the root cgroup"
                    + " itself are in no count",
            "See what runs in the cgroup (systemd-cgls), and make it a pod, or a unit of system.slice, or end it.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        List<AttributedProcess> kubelets = Component.kubelets(node.others());
        if (!node.kubeletAsked() && kubelets.isEmpty()) {
            return List.of(); // no node of a cluster: whatever runs here is its business
        }
        NodeVerdict verdict = new NodeVerdict(DESCRIPTION, "pods and the system alone");
        Reading<NodeLoad> load = node.configuration().load();
        if (load instanceof Reading.Unreadable<NodeLoad>) {
            return List.of(verdict.unknown(load));
        }
        if (load.observed().isEmpty()) {
            return List.of();
        }
        return List.of(judged(verdict, load.observed().get(), kubelets, node));
    }

    private static Judged judged(NodeVerdict verdict, NodeLoad load, List<AttributedProcess> kubelets, NodeView node) {
        List<String> said = new ArrayList<>();
        List<Evidence> evidence = new ArrayList<>();
        List<AttributedProcess> processes = new ArrayList<>();
        for (CgroupUse use : load.cgroups()) {
            boolean memory = use.memory() >= SHARE * load.memory();
            Optional<Double> busy = use.cpus().filter(cpus -> cpus >= SHARE * load.cpus());
            if ((!memory && busy.isEmpty()) || isManaged(use.name(), kubelets, node)) {
                continue;
            }
            List<String> much = new ArrayList<>();
            if (memory) {
                much.add(use.memory() / (1 << 20) + " MiB of memory");
                evidence.add(new Evidence(use.memorySource(), use.memory() + " bytes without cache"));
            }
            busy.ifPresent(cpus -> {
                String text = String.format(Locale.ROOT, "%.1f of %d CPUs", cpus, load.cpus());
                much.add(text);
                evidence.add(new Evidence(use.cpuSource(), text + " since the reading before"));
            });
            said.add("/" + use.name() + " uses " + String.join(" and ", much));
            node.others().stream()
                    .filter(process -> isIn(use.name(), process, node))
                    .limit(SHOWN)
                    .forEach(processes::add);
        }
        return said.isEmpty()
                ? verdict.fine("pods and the system alone")
                : verdict.wrong(
                        String.join("; ", said),
                        "outside of pods and of the system's slices " + String.join("; ", said),
                        processes,
                        evidence);
    }

    /** Is it the system's, or one in which a pod or the kubelet itself is? Of what is much used that is soon found. */
    private static boolean isManaged(String top, List<AttributedProcess> kubelets, NodeView node) {
        return SYSTEM.contains(top)
                || isAnyIn(top, kubelets, node)
                || node.containers().stream()
                        .filter(container -> container.pod().isPresent())
                        .anyMatch(container -> isAnyIn(top, container.processes(), node));
    }

    private static boolean isAnyIn(String top, List<AttributedProcess> processes, NodeView node) {
        Reading<CgroupMembership> before = null;
        for (AttributedProcess process : processes) {
            Reading<CgroupMembership> cgroup = process.process().cgroup();
            if (isOther(cgroup, before) && isIn(top, process, node)) {
                return true;
            }
            before = cgroup;
        }
        return false;
    }

    private static boolean isIn(String top, AttributedProcess process, NodeView node) {
        return tops(process, node).anyMatch(top::equals);
    }

    /** Asked of every process of a container: nearly always it is that of the one before. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isOther(Reading<CgroupMembership> cgroup, @Nullable Reading<CgroupMembership> before) {
        return cgroup != before;
    }

    /** The first segment of each of its cgroups below the node's own. */
    private static Stream<String> tops(AttributedProcess process, NodeView node) {
        String base = node.facts().nodeBase();
        return process.process().cgroup().observed().stream()
                .map(CgroupMembership::lines)
                .flatMap(List::stream)
                .map(CgroupMembership.Line::path)
                .map(path -> path.startsWith(base) ? path.substring(base.length()) : path)
                .map(path -> path.startsWith("/") ? path.substring(1) : path)
                .map(path -> path.contains("/") ? path.substring(0, path.indexOf('/')) : path)
                .filter(top -> !top.isEmpty());
    }
}
