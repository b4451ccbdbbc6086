package io.plumbline.scan;

import io.plumbline.attribution.Attributor;
import io.plumbline.checks.Check;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.checks.NodeWideCheck.Judged;
import io.plumbline.checks.ProfileCheck;
import io.plumbline.checks.policy.PolicyOnNode;
import io.plumbline.checks.rules.OwnRules;
import io.plumbline.expectation.Expectation;
import io.plumbline.expectation.RuntimeDefaults;
import io.plumbline.findings.Exceptions;
import io.plumbline.findings.Findings;
import io.plumbline.findings.Statement;
import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.ExceptionRule;
import io.plumbline.model.Expected;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.FindingKind;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** From what was read to what is said of it. */
public final class Evaluation {

    private Evaluation() {}

    /**
     * Judges every container of a node.
     *
     * @param declared the kubelet's answer; empty where none was asked
     * @param sockets reads what the given processes listen on; asked only for those of pods in the host's network
     * @param files what the node's own files say, given the processes that they are about
     * @param policies what is in force beside the promises of the specs
     * @param profiles looks at the node's AppArmor profiles
     * @param exceptions which findings somebody accepts
     * @param judgements what was said of the same node before, and need not be found out again; takes what is said now
     */
    public static ScanReport of(
            NodeSnapshot snapshot,
            String nodeName,
            Optional<DeclaredNode> declared,
            RuntimeInventory inventory,
            Function<Collection<ProcessSnapshot>, Map<ProcessKey, Reading<List<ListeningSocket>>>> sockets,
            Function<AttributedNode, NodeConfiguration> files,
            Policies policies,
            ProfileLook profiles,
            List<ExceptionRule> exceptions,
            Judgements judgements) {
        AttributedNode attributed = Attributor.attribute(snapshot, declared, inventory);
        Expectation expectation =
                new Expectation(snapshot.facts(), declared, inventory, RuntimeDefaults.of(attributed.containers()));
        List<ContainerView> views = judgements.settle(attributed.containers().stream()
                .map(container -> new ContainerView(
                        container, withPolicy(expectation.of(container), container, declared, policies)))
                .toList());
        NodeView node = new NodeView(
                snapshot.facts(),
                views,
                attributed.others(),
                attributed.namespaceOwners(),
                sockets.apply(inHostNetwork(views)),
                declared,
                files.apply(attributed),
                profiles.at(ProfileUses.of(views, attributed.others())),
                judgements.mountPoints(views));
        judgements.begin(node, policies);
        return report(node, nodeName, declared, inventory, snapshot, policies, exceptions, judgements);
    }

    /** A policy that lets no root run is a promise, whatever the spec says. */
    private static Expected withPolicy(
            Expected expected, AttributedContainer container, Optional<DeclaredNode> declared, Policies policies) {
        if (expected.nonRoot().value().isPresent() || !(container.declaration() instanceof Declaration.OfSpec spec)) {
            return expected;
        }
        return policies.levels()
                .nonRootPolicy(spec.pod(), declared.map(DeclaredNode::cluster).orElse(ClusterFacts.NOT_ASKED))
                .map(found ->
                        expected.withNonRoot(Promise.of("MustRunAsNonRoot of PodSecurityPolicy " + found.name(), true)))
                .orElse(expected);
    }

    private static ScanReport report(
            NodeView node,
            String nodeName,
            Optional<DeclaredNode> declared,
            RuntimeInventory inventory,
            NodeSnapshot snapshot,
            Policies policies,
            List<ExceptionRule> exceptions,
            Judgements judgements) {
        Map<ContainerIdentity, List<Verdict>> verdicts = new LinkedHashMap<>();
        Map<ContainerIdentity, List<Verdict>> beside = new LinkedHashMap<>();
        Map<String, String> workloads = new HashMap<>();
        declared.map(DeclaredNode::pods).orElse(List.of()).forEach(pod -> workloads.put(pod.uid(), pod.workload()));
        List<Statement> statements = new ArrayList<>();
        for (Check check : judgements.checks()) {
            if (check instanceof ProfileCheck ofProfiles) {
                ofProfiles
                        .judge(node)
                        .forEach(judged -> statements.add(
                                Statement.ofProfile(check.description().kind(), judged.profile(), judged.verdict())));
                continue;
            }
            for (Judged judged : judge(check, node, judgements)) {
                (check.description().kind() == FindingKind.DRIFT ? verdicts : beside)
                        .computeIfAbsent(judged.container(), key -> new ArrayList<>())
                        .add(judged.verdict());
                statements.add(new Statement(
                        check.description().kind(),
                        judged.container(),
                        workloads.getOrDefault(judged.container().podUid(), ""),
                        Optional.empty(),
                        judged.verdict(),
                        Optional.empty()));
            }
        }
        for (ContainerView view : node.containers()) {
            if (Opaque.isOpaque(view)) {
                continue;
            }
            for (PolicyOnNode.Judged judged : judgements.ofPolicies(policies.levels(), view)) {
                beside.computeIfAbsent(judged.container(), key -> new ArrayList<>())
                        .add(judged.verdict());
                statements.add(new Statement(
                        FindingKind.POLICY,
                        judged.container(),
                        workloads.getOrDefault(judged.container().podUid(), ""),
                        Optional.empty(),
                        judged.verdict(),
                        Optional.of(judged.policy())));
            }
        }
        for (OwnRules.Judged judged : policies.rules().judge(node, view -> !Opaque.isOpaque(view))) {
            beside.computeIfAbsent(judged.container(), key -> new ArrayList<>()).add(judged.verdict());
            statements.add(new Statement(
                    FindingKind.POLICY,
                    judged.container(),
                    workloads.getOrDefault(judged.container().podUid(), ""),
                    Optional.empty(),
                    judged.verdict(),
                    Optional.of(judged.policy())));
        }
        List<ContainerReport> containers = node.containers().stream()
                .map(view -> new ContainerReport(
                        view,
                        verdicts.getOrDefault(view.identity(), List.of()),
                        beside.getOrDefault(view.identity(), List.of())))
                .toList();
        Map<ContainerIdentity, String> images = new HashMap<>();
        node.containers().forEach(view -> view.container().ifPresent(one -> images.put(view.identity(), one.image())));
        Findings findings = new Findings(node.facts(), nodeName, node.facts().takenAt(), judgements.findings());
        return new ScanReport(
                node,
                nodeName,
                declared,
                inventory,
                containers,
                new Exceptions(exceptions, node.facts().takenAt())
                        .mark(findings.of(statements), identity -> images.getOrDefault(identity, "")),
                beside.getOrDefault(ContainerIdentity.NODE, List.of()),
                snapshot.unreadable(),
                findings.announced(statements, snapshot.witnessed()));
    }

    private static List<Judged> judge(Check check, NodeView node, Judgements judgements) {
        if (check instanceof NodeWideCheck wide) {
            return wide.judge(node);
        }
        ContainerCheck one = (ContainerCheck) check;
        List<Judged> judged = new ArrayList<>();
        for (ContainerView view : node.containers()) {
            if (!Opaque.isOpaque(view)) {
                judgements.of(one, view).ifPresent(verdict -> judged.add(new Judged(view.identity(), verdict)));
            }
        }
        return judged;
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
