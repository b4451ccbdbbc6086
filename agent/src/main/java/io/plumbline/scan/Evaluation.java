package io.plumbline.scan;

import io.plumbline.attribution.Attributor;
import io.plumbline.checks.Check;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.checks.NodeWideCheck.Judged;
import io.plumbline.checks.ProfileCheck;
import io.plumbline.checks.rules.OwnRules;
import io.plumbline.findings.Exceptions;
import io.plumbline.findings.Findings;
import io.plumbline.findings.Statement;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.ExceptionRule;
import io.plumbline.model.FindingKind;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.ProfileUse;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.SameObjects;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * From what was read to what is said of it, look after look: whatever is as it was is not found out again. What is said is what would be
 * said without having looked before. One thread at a time.
 */
public final class Evaluation {

    private final Attributor attributor = new Attributor();
    private final Views views = new Views();
    private final Judgements judgements = new Judgements();
    private final Exceptions accepted = new Exceptions();
    private Map<ContainerIdentity, Beside> besides = Map.of();
    private List<ContainerReport> reports = List.of();
    private List<DeclaredPod> pods = List.of();
    private Map<String, String> workloads = Map.of();
    private @Nullable Used used;

    /** What was said of a container without a process, or of the node. */
    private record Beside(String workload, List<Said> said, List<Statement> statements) {}

    /** Which profiles confined which of these processes. */
    private record Used(
            List<ContainerView> containers, List<AttributedProcess> others, Map<String, ProfileUse> profiles) {}

    /**
     * Judges every container of a node.
     *
     * @param declared the kubelet's answer; empty where none was asked
     * @param sockets reads what the given processes listen on; asked only for those of pods in the host's network
     * @param files what the node's own files say, given the processes that they are about
     * @param policies what is in force beside the promises of the specs
     * @param profiles looks at the node's AppArmor profiles
     * @param exceptions which findings somebody accepts
     */
    public ScanReport of(
            NodeSnapshot snapshot,
            String nodeName,
            Optional<DeclaredNode> declared,
            RuntimeInventory inventory,
            Function<Collection<ProcessSnapshot>, Map<ProcessKey, Reading<List<ListeningSocket>>>> sockets,
            Function<AttributedNode, NodeConfiguration> files,
            Policies policies,
            ProfileLook profiles,
            List<ExceptionRule> exceptions) {
        AttributedNode attributed = attributor.attribute(snapshot, declared, inventory);
        List<ContainerView> containers =
                judgements.settle(views.of(attributed, snapshot.facts(), declared, inventory, policies));
        views.keep(attributed, containers);
        NodeView node = new NodeView(
                snapshot.facts(),
                containers,
                attributed.others(),
                attributed.namespaceOwners(),
                sockets.apply(inHostNetwork(containers)),
                declared,
                files.apply(attributed),
                profiles.at(() -> profilesOf(containers, attributed.others())),
                judgements.mountPoints(containers));
        judgements.begin(node, policies);
        return report(node, nodeName, declared, inventory, snapshot, policies, exceptions);
    }

    private ScanReport report(
            NodeView node,
            String nodeName,
            Optional<DeclaredNode> declared,
            RuntimeInventory inventory,
            NodeSnapshot snapshot,
            Policies policies,
            List<ExceptionRule> exceptions) {
        Map<String, String> workloads = workloads(declared);
        Findings findings = new Findings(node.facts(), nodeName, snapshot.witnessed(), judgements.findings());
        findings.add(ofProfiles(node));
        Map<ContainerIdentity, List<Said>> ofWhole = ofWhole(node);
        Map<ContainerIdentity, List<Said>> ofOthers = new LinkedHashMap<>(ofWhole);
        Map<ContainerIdentity, List<Said>> ofRules = ofRules(node, policies);
        // The hash of an id costs less than that of an identity, and of most containers nothing is said there.
        Set<String> saidOf = ids(ofWhole.keySet());
        Set<String> ruled = ids(ofRules.keySet());
        List<ContainerReport> containers = new ArrayList<>(node.containers().size());
        for (ContainerView view : node.containers()) {
            ContainerIdentity whom = view.identity();
            List<Said> besides = saidOf.contains(whom.containerId()) ? ofOthers.remove(whom) : null;
            Judgements.OfContainer judgement = judgements.of(
                    view,
                    workloads.getOrDefault(whom.podUid(), ""),
                    besides == null ? List.of() : besides,
                    ruled.contains(whom.containerId()) ? ofRules.getOrDefault(whom, List.of()) : List.of(),
                    policies.levels());
            containers.add(judgement.report());
            findings.add(judgement.violations());
        }
        Map<ContainerIdentity, Beside> next = new HashMap<>();
        ofOthers.forEach((whom, said) -> {
            Beside of = beside(whom, workloads.getOrDefault(whom.podUid(), ""), said);
            next.put(whom, of);
            findings.add(of.statements());
        });
        besides = next;
        reports = SameObjects.areIn(reports, containers) ? reports : List.copyOf(containers);
        return new ScanReport(
                node,
                nodeName,
                declared,
                inventory,
                reports,
                accepted.mark(findings.all(), exceptions, node.facts().takenAt(), () -> images(node)),
                ofWhole.getOrDefault(ContainerIdentity.NODE, List.of()).stream()
                        .filter(said -> said.kind() != FindingKind.DRIFT)
                        .map(Said::verdict)
                        .toList(),
                snapshot.unreadable(),
                findings.announced());
    }

    private static Set<String> ids(Set<ContainerIdentity> containers) {
        Set<String> ids = new HashSet<>();
        containers.forEach(container -> ids.add(container.containerId()));
        return ids;
    }

    /** The very same statements as long as the same is said. */
    private Beside beside(ContainerIdentity whom, String workload, List<Said> said) {
        Beside before = besides.get(whom);
        return before != null
                        && before.workload().equals(workload)
                        && before.said().equals(said)
                ? before
                : new Beside(
                        workload,
                        said,
                        said.stream()
                                .flatMap(one -> one.statement(whom, workload).stream())
                                .toList());
    }

    private static Map<ContainerIdentity, String> images(NodeView node) {
        Map<ContainerIdentity, String> images = new HashMap<>();
        for (ContainerView view : node.containers()) {
            view.container().ifPresent(one -> images.put(view.identity(), one.image()));
        }
        return images;
    }

    /** By the UIDs of the pods. */
    @SuppressWarnings("ReferenceEquality") // of the same answer the list is the same
    private Map<String, String> workloads(Optional<DeclaredNode> declared) {
        List<DeclaredPod> now = declared.map(DeclaredNode::pods).orElse(List.of());
        if (now != pods) {
            Map<String, String> byUid = new HashMap<>();
            now.forEach(pod -> byUid.put(pod.uid(), pod.workload()));
            workloads = byUid;
            pods = now;
        }
        return workloads;
    }

    @SuppressWarnings("ReferenceEquality") // what is as it was is the same list
    private Map<String, ProfileUse> profilesOf(List<ContainerView> containers, List<AttributedProcess> others) {
        Used before = used;
        if (before == null || before.containers() != containers || before.others() != others) {
            before = new Used(containers, others, ProfileUses.of(containers, others));
            used = before;
        }
        return before.profiles();
    }

    private List<Statement> ofProfiles(NodeView node) {
        List<Statement> statements = new ArrayList<>();
        for (Check check : judgements.checks()) {
            if (check instanceof ProfileCheck ofProfiles) {
                ofProfiles.judge(node).stream()
                        .filter(judged -> judged.verdict().violation().isPresent())
                        .forEach(judged -> statements.add(
                                Statement.ofProfile(check.description().kind(), judged.profile(), judged.verdict())));
            }
        }
        return statements;
    }

    /** What the checks say that look at the whole node, by the container that it is about. */
    private Map<ContainerIdentity, List<Said>> ofWhole(NodeView node) {
        Map<ContainerIdentity, List<Said>> said = new LinkedHashMap<>();
        List<Check> checks = judgements.checks();
        for (int rank = 0; rank < checks.size(); rank++) {
            if (checks.get(rank) instanceof NodeWideCheck wide) {
                for (Judged judged : wide.judge(node)) {
                    said.computeIfAbsent(judged.container(), key -> new ArrayList<>())
                            .add(Said.ofCheck(rank, wide.description().kind(), judged.verdict()));
                }
            }
        }
        return said;
    }

    private static Map<ContainerIdentity, List<Said>> ofRules(NodeView node, Policies policies) {
        Map<ContainerIdentity, List<Said>> said = new HashMap<>();
        for (OwnRules.Judged judged : policies.rules().judge(node, view -> !Opaque.isOpaque(view))) {
            said.computeIfAbsent(judged.container(), key -> new ArrayList<>())
                    .add(Said.ofPolicy(judged.verdict(), judged.policy()));
        }
        return said;
    }

    private static List<ProcessSnapshot> inHostNetwork(List<ContainerView> views) {
        return views.stream()
                .filter(view -> view.declaration() instanceof Declaration.OfSpec spec
                        && spec.pod().hostNetwork())
                .flatMap(ContainerView::settled)
                .map(AttributedProcess::process)
                .toList();
    }
}
