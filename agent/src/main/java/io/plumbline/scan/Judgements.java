package io.plumbline.scan;

import io.plumbline.checks.Check;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.checks.policy.PolicyOnNode;
import io.plumbline.findings.KnownFindings;
import io.plumbline.findings.Statement;
import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ClusterFacts;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.FindingKind;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import io.plumbline.model.SameObjects;
import io.plumbline.model.ScanReport.ContainerReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was said of each container the last time. It is said again of one that is as it was on a node that is as it was, without asking.
 * One thread at a time.
 *
 * <p>A container is as it was if the same snapshots of the same processes are in it: a process of which anything was read anew has
 * another one. What holds for the node is compared but for the time, and what may concern this container alone for each; a container check is
 * shown nothing else of the node, so that it cannot depend on what is not compared.
 */
final class Judgements {

    private final List<Check> checks = Catalogue.ofScan();
    private final KnownFindings findings = new KnownFindings();
    private @Nullable Setting setting;
    /** By the ids of the containers. */
    private Map<String, Judged> known = new HashMap<>();

    private IdentityHashMap<ContainerView, Judged> now = new IdentityHashMap<>();
    private @Nullable NodeView node;
    private HostMounts host = new HostMounts(new Reading.Absent<>("/proc/1/mountinfo"));
    private List<ContainerView> settled = List.of();
    private List<ContainerView> begun = List.of();
    private Map<ProcessKey, Reading<List<ListeningSocket>>> listening = Map.of();
    private Map<Long, ContainerIdentity> owners = Map.of();
    private List<MountTable> tables = List.of();
    private Set<String> mountPoints = Set.of();
    private Set<String> mountedThen = Set.of();

    /** All there are, in the order in which people read them. */
    List<Check> checks() {
        return checks;
    }

    /** Those that were made of what is said again. */
    KnownFindings findings() {
        return findings;
    }

    /**
     * The containers to be judged, each as it was before if it is so still.
     *
     * @param views as they are now
     * @return the list of the last time, where all are as they were
     */
    List<ContainerView> settle(List<ContainerView> views) {
        if (areSameViews(views, settled)) {
            return settled;
        }
        List<ContainerView> now = new ArrayList<>(views.size());
        for (ContainerView view : views) {
            now.add(this.now.containsKey(view) ? view : lastOf(view));
        }
        settled = SameObjects.areIn(settled, now) ? settled : List.copyOf(now);
        return settled;
    }

    private ContainerView lastOf(ContainerView view) {
        Judged before = known.get(view.identity().containerId());
        return before != null && isSame(before.view, view) ? before.view : view;
    }

    @SuppressWarnings("ReferenceEquality") // the very same list
    private static boolean areSameViews(List<ContainerView> some, List<ContainerView> others) {
        return some == others;
    }

    /** All that first processes have; gathered anew if a table is not the one that it was. */
    Set<String> mountPoints(List<ContainerView> views) {
        List<MountTable> seen = new ArrayList<>(views.size());
        for (ContainerView view : views) {
            if (view.first().isPresent()
                    && view.first().get().process().mounts() instanceof Reading.Observed<MountTable> table) {
                seen.add(table.value());
            }
        }
        if (!SameObjects.areIn(tables, seen)) {
            tables = seen;
            mountPoints = seen.stream()
                    .flatMap(table -> table.mounts().stream())
                    .map(Mount::mountPoint)
                    .collect(Collectors.toUnmodifiableSet());
        }
        return mountPoints;
    }

    /** Begins with a node, whose containers were settled before. */
    void begin(NodeView node, Policies policies) {
        boolean sameHost = host.areOf(node.facts().hostMounts());
        host = sameHost ? host : new HostMounts(node.facts().hostMounts());
        Setting before = setting;
        Setting current = Setting.of(node, host, policies);
        boolean same = before != null && before.isSame(current);
        // Even if it is the same: the next one has more of its very objects than of the earlier one's.
        setting = current;
        this.node = node;
        boolean sameSurroundings = sameHost
                && listening.equals(node.listening())
                && owners.equals(node.namespaceOwners())
                && mountedThen.equals(node.mountPoints());
        if (same && sameSurroundings && areSameViews(begun, node.containers())) {
            return;
        }
        Map<String, Judged> next = new HashMap<>(2 * node.containers().size());
        IdentityHashMap<ContainerView, Judged> judged =
                new IdentityHashMap<>(node.containers().size());
        for (ContainerView view : node.containers()) {
            Judged last = now.get(view);
            Surroundings surroundings =
                    sameSurroundings && last != null ? last.surroundings : Surroundings.of(view, node, host);
            Judged of = same && last != null && last.surroundings.equals(surroundings)
                    ? last
                    : new Judged(view, surroundings);
            next.put(view.identity().containerId(), of);
            judged.put(view, of);
        }
        known = next;
        now = judged;
        begun = node.containers();
        listening = node.listening();
        owners = node.namespaceOwners();
        mountedThen = node.mountPoints();
    }

    /**
     * What is said of a container; what is said again is the object of before.
     *
     * @param report made of it
     * @param violations in the order in which people read them
     */
    record OfContainer(ContainerReport report, List<Statement> violations) {}

    /**
     * All that is said of a container of this node.
     *
     * @param workload of its pod
     * @param ofWhole by checks that looked at the whole node, in the order of the catalogue
     * @param ofRules by the user's own rules
     */
    OfContainer of(ContainerView view, String workload, List<Said> ofWhole, List<Said> ofRules, PolicyOnNode policies) {
        Judged judged = Objects.requireNonNull(now.get(view), "a container of this node");
        List<Said> alone = judged.alone;
        if (alone == null) {
            alone = alone(view, judged.surroundings, policies);
            judged.alone = alone;
        }
        OfContainer before = judged.said;
        if (before == null
                || !judged.workload.equals(workload)
                || !judged.ofWhole.equals(ofWhole)
                || !judged.ofRules.equals(ofRules)) {
            before = put(view, workload, alone, ofWhole, ofRules);
            judged.workload = workload;
            judged.said = before;
            judged.ofWhole = ofWhole;
            judged.ofRules = ofRules;
        }
        return before;
    }

    /** What the checks of one container and the policies say; nothing of one whose processes are not the workload's. */
    private List<Said> alone(ContainerView view, Surroundings surroundings, PolicyOnNode policies) {
        if (Opaque.isOpaque(view)) {
            return List.of();
        }
        NodeView shown = surroundings.shownOf(Objects.requireNonNull(node, "begun"), host);
        List<Said> alone = new ArrayList<>();
        for (int i = 0; i < checks.size(); i++) {
            if (checks.get(i) instanceof ContainerCheck check) {
                int rank = i;
                check.judge(view, shown)
                        .ifPresent(verdict ->
                                alone.add(Said.ofCheck(rank, check.description().kind(), verdict)));
            }
        }
        policies.judge(view, shown).forEach(said -> alone.add(Said.ofPolicy(said.verdict(), said.policy())));
        return List.copyOf(alone);
    }

    private static OfContainer put(
            ContainerView view, String workload, List<Said> alone, List<Said> ofWhole, List<Said> ofRules) {
        List<Said> all = new ArrayList<>(alone);
        all.addAll(ofRules);
        all.addAll(ofWhole);
        all.sort(Comparator.comparingInt(Said::rank));
        ContainerReport report = new ContainerReport(
                view,
                all.stream()
                        .filter(said -> said.kind() == FindingKind.DRIFT)
                        .map(Said::verdict)
                        .toList(),
                all.stream()
                        .filter(said -> said.kind() != FindingKind.DRIFT)
                        .map(Said::verdict)
                        .toList());
        return new OfContainer(
                report,
                all.stream()
                        .flatMap(said -> said.statement(view.identity(), workload).stream())
                        .toList());
    }

    @SuppressWarnings("ReferenceEquality") // what was kept is the object itself
    private static boolean isItself(ContainerView one, ContainerView other) {
        return one == other;
    }

    private static boolean isSame(ContainerView before, ContainerView now) {
        if (isItself(before, now)) {
            return true;
        }
        AttributedContainer one = before.attributed();
        AttributedContainer other = now.attributed();
        return one.identity().equals(other.identity())
                && areSame(one.processes(), other.processes())
                && isSame(one.first(), other.first())
                && one.declaration().equals(other.declaration())
                && one.granted().equals(other.granted())
                && before.expected().equals(now.expected());
    }

    private static boolean areSame(List<AttributedProcess> before, List<AttributedProcess> now) {
        if (before.size() != now.size()) {
            return false;
        }
        for (int i = 0; i < before.size(); i++) {
            if (!isSame(before.get(i), now.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isSame(Optional<AttributedProcess> before, Optional<AttributedProcess> now) {
        return before.isPresent() == now.isPresent() && (before.isEmpty() || isSame(before.get(), now.get()));
    }

    /** A process of which everything is as it was has the same snapshot; comparing what is in it would cost more than judging it. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(AttributedProcess before, AttributedProcess now) {
        return before.process() == now.process()
                && before.viaExec() == now.viaExec()
                && before.settled() == now.settled()
                && before.attribution().equals(now.attribution());
    }

    /** One container, and what was said of it so far. */
    private static final class Judged {
        private final ContainerView view;
        private final Surroundings surroundings;
        private @Nullable List<Said> alone;
        private String workload = "";
        private List<Said> ofWhole = List.of();
        private List<Said> ofRules = List.of();
        private @Nullable OfContainer said;

        Judged(ContainerView view, Surroundings surroundings) {
            this.view = view;
            this.surroundings = surroundings;
        }
    }

    /**
     * All of the node that a container's judge is shown, but its surroundings.
     *
     * @param facts as they last
     * @param hostMounts whether they were read
     */
    private record Setting(NodeFacts facts, Reading<MountTable> hostMounts, ClusterFacts cluster, Policies policies) {

        static Setting of(NodeView node, HostMounts host, Policies policies) {
            return new Setting(node.facts().lasting(), host.state(), node.cluster(), policies);
        }

        @SuppressWarnings("ReferenceEquality") // policies that were read again are others, whatever they say
        boolean isSame(Setting other) {
            return policies.levels() == other.policies.levels()
                    && facts.equals(other.facts)
                    && hostMounts.equals(other.hostMounts)
                    && cluster.equals(other.cluster);
        }
    }
}
