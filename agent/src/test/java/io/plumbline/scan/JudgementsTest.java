package io.plumbline.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.Occasion.Witness;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class JudgementsTest {
    private static final String PODS = """
            metadata: {name: web}
            spec: {containers: [{name: main, securityContext: {runAsNonRoot: true, runAsUser: 1000}}, {name: side}]}
            ---
            metadata: {name: net}
            spec: {hostNetwork: true, containers: [{name: main}]}
            """;

    // The same objects in all nodes: what was not read again is not parsed again.
    private static final Processes MAIN = Processes.of(100, "web", "main").uid(1000);
    private static final Processes SIDE = Processes.of(200, "web", "side");
    private static final Processes NET = Processes.of(300, "net", "main").host(NamespaceType.NET);
    private static final Reading<MountTable> HOST_MOUNTS =
            Reading.of(Mounts.ofHost().table());

    @Test
    void whatIsAsItWasIsNotJudgedAgain() {
        Nodes node = before();
        NodeSnapshot snapshot = node.snapshot();
        Evaluation evaluation = new Evaluation();
        ScanReport first = node.report(snapshot, evaluation);
        ScanReport second = node.report(snapshot, evaluation);

        assertThat(verdicts(second)).hasSameSizeAs(verdicts(first)).isNotEmpty();
        for (int i = 0; i < verdicts(first).size(); i++) {
            assertThat(verdicts(second).get(i)).isSameAs(verdicts(first).get(i));
        }
        assertThat(second.findings()).isEqualTo(first.findings()).isNotEmpty();
    }

    @Test
    void whatIsSaidAgainIsTheFindingOfBefore() {
        Nodes node = before().with(intruder());
        NodeSnapshot snapshot = node.snapshot();
        NodeSnapshot later = new NodeSnapshot(
                snapshot.facts()
                        .at(
                                snapshot.facts().takenAt().plusSeconds(15),
                                Reading.of(Duration.ofHours(1).plusSeconds(15)),
                                snapshot.facts().hostMounts()),
                snapshot.processes(),
                0);
        Evaluation evaluation = new Evaluation();
        List<Finding> first = node.report(snapshot, evaluation).findings();

        List<Finding> second = node.report(later, evaluation).findings();
        assertThat(timeless(second))
                .isEqualTo(timeless(node.report(later, new Evaluation()).findings()));
        assertThat(first).isNotEmpty();
        assertThat(second).isSameAs(first);
    }

    /** An event may tell of somebody who is as he was: born a while ago, he is now what he is. */
    @Test
    void whatAnEventTellsOfIsAnnouncedThoughItIsSaidAgain() {
        Nodes node = before();
        NodeSnapshot snapshot = node.snapshot();
        Evaluation evaluation = new Evaluation();
        assertThat(node.report(snapshot, evaluation).announced()).isEmpty();

        Instant told = snapshot.facts().takenAt();
        NodeSnapshot witnessed = snapshot.witnessedBy(Map.of(200, new Witness(told, true)));
        Map<String, Instant> announced = node.report(witnessed, evaluation).announced();
        assertThat(announced)
                .isNotEmpty()
                .containsValue(told)
                .isEqualTo(node.report(witnessed, new Evaluation()).announced());
    }

    private static List<Finding> timeless(List<Finding> findings) {
        return findings.stream()
                .map(finding -> finding.during(Instant.EPOCH, Instant.EPOCH))
                .toList();
    }

    /** Whatever changes, and whatever of it is remembered: what is said is what somebody would say who never looked before. */
    @ParameterizedTest
    @MethodSource("changes")
    void whatIsSaidIsWhatWouldBeSaidWithoutHavingLookedBefore(Nodes after) {
        Nodes before = before();
        NodeSnapshot first = before.snapshot();
        NodeSnapshot second = sharing(after.snapshot(), first);
        assertThat(second.processes())
                .as("most are as they were")
                .anySatisfy(process -> assertThat(first.processes())
                        .anySatisfy(other -> assertThat(other).isSameAs(process)));
        Evaluation evaluation = new Evaluation();
        before.report(first, evaluation);

        ScanReport seen = after.report(second, evaluation);
        ScanReport fresh = after.report(second, new Evaluation());
        assertThat(seen.containers()).isEqualTo(fresh.containers());
        assertThat(seen.findings()).isEqualTo(fresh.findings());
        assertThat(verdicts(fresh))
                .as("the change changes what is said")
                .isNotEqualTo(verdicts(before.report(first, new Evaluation())));

        ScanReport back = before.report(first, evaluation);
        assertThat(back.containers())
                .isEqualTo(before.report(first, new Evaluation()).containers());
    }

    /** Containers start and end elsewhere; older releases of runc mount their own program for each exec. */
    @Test
    void mountsOfTheHostThatConcernNoContainerLeaveEverythingAsItWas() {
        Mounts busy = Mounts.ofHost()
                .with(
                        "901 26 0:999 / /run/containerd/another/rootfs rw,relatime - overlay overlay rw,upperdir=/u2",
                        "902 26 254:0 /usr/sbin/runc /run/runc/clone ro,relatime - ext4 /dev/vda rw");
        Evaluation evaluation = new Evaluation();
        Nodes node = before();
        NodeSnapshot snapshot = node.snapshot();
        List<Verdict> first = verdicts(node.report(snapshot, evaluation));

        NodeSnapshot later = sharing(node.hostMounts(Reading.of(busy.table())).snapshot(), snapshot);
        List<Verdict> second = verdicts(node.report(later, evaluation));
        assertThat(second).hasSameSizeAs(first);
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i)).isSameAs(first.get(i));
        }
    }

    @Test
    void mountOfTheHostThatConcernsAContainerIsSeen() {
        Processes main = Processes.of(100, "web", "main")
                .uid(1000)
                .mounts(Mounts.ofContainer().with("900 391 0:90 / /data rw,relatime - tmpfs tmpfs rw"));
        Nodes before = node().with(main, SIDE, NET);
        Nodes after = node().with(main, SIDE, NET)
                .hostMounts(Reading.of(Mounts.ofHost()
                        .with("903 26 0:90 / /run/secrets-of-the-node rw,relatime - tmpfs tmpfs rw")
                        .table()));
        assertThat(checksOf(before, after)).contains("undeclared-mount");
    }

    @Test
    void namespaceThatGetsAnOwnerIsSeen() {
        Processes late = Processes.of(400, "late", "main");
        Processes joined = Processes.of(101, "web", "main").besides(MAIN).joins(late, NamespaceType.NET);
        String pods = PODS + "---\nmetadata: {name: late}\nspec: {containers: [{name: main}]}\n";
        Nodes before = node().pods(pods).with(MAIN, joined, SIDE, NET);
        Nodes after = node().pods(pods).with(MAIN, joined, SIDE, NET, late);
        assertThat(checksOf(before, after)).contains("foreign-namespace");
    }

    /** The checks that find something in the second node, and not in the first; seen by whoever looked at that one too. */
    private static List<String> checksOf(Nodes before, Nodes after) {
        NodeSnapshot first = before.snapshot();
        NodeSnapshot second = sharing(after.snapshot(), first);
        Evaluation evaluation = new Evaluation();
        List<Finding> known = before.report(first, evaluation).findings();
        List<Finding> seen = after.report(second, evaluation).findings();
        assertThat(seen).isEqualTo(after.report(second, new Evaluation()).findings());
        return seen.stream()
                .filter(finding -> known.stream().noneMatch(other -> other.id().equals(finding.id())))
                .map(Finding::check)
                .toList();
    }

    static Stream<Named<Nodes>> changes() {
        return Stream.of(
                Named.of("a process came", before().with(intruder())),
                Named.of(
                        "a process has another user",
                        node().with(Processes.of(100, "web", "main").uid(0), SIDE, NET)),
                Named.of("a container has ended", node().with(MAIN, NET)),
                Named.of("AppArmor is off", before().appArmor(Reading.of(false))),
                Named.of("SELinux is on", before().seLinux(Reading.of(true))),
                Named.of(
                        "the host\u2019s user namespace is unknown",
                        before().hostNamespace(
                                        NamespaceType.USER, new Reading.Unreadable<>("/proc/1/ns/user", "EACCES"))),
                Named.of(
                        "a socket listens",
                        before().listens(300, new ListeningSocket("TCP", "0.0.0.0", 8080, "/proc/300/net/tcp"))),
                Named.of(
                        "the namespace has a level",
                        before().namespaceLabels(Map.of("pod-security.kubernetes.io/enforce", "restricted"))),
                Named.of(
                        "a pod is declared in another way",
                        node().pods(PODS.replace("runAsUser: 1000", "runAsUser: 1001"))
                                .with(MAIN, SIDE, NET)),
                Named.of(
                        "another container has something covered",
                        node().with(
                                        MAIN,
                                        Processes.of(200, "web", "side")
                                                .mounts(
                                                        Mounts.ofContainer()
                                                                .with(
                                                                        "900 100 0:50 / /proc/scsi ro,relatime - tmpfs tmpfs ro")),
                                        NET)));
    }

    private static Nodes before() {
        return node().with(MAIN, SIDE, NET);
    }

    private static Nodes node() {
        return Nodes.node().hostMounts(HOST_MOUNTS).pods(PODS);
    }

    private static Processes intruder() {
        return Processes.of(101, "web", "main").besides(MAIN).parent(100).uid(0);
    }

    /** As a reader gives it: whoever is as he was has the same snapshot. */
    private static NodeSnapshot sharing(NodeSnapshot now, NodeSnapshot before) {
        List<ProcessSnapshot> processes = now.processes().stream()
                .map(process -> before.processes().stream()
                        .filter(process::equals)
                        .findFirst()
                        .orElse(process))
                .toList();
        return new NodeSnapshot(now.facts(), processes, now.vanished());
    }

    private static List<Verdict> verdicts(ScanReport report) {
        return report.containers().stream()
                .map(ContainerReport::all)
                .flatMap(List::stream)
                .toList();
    }
}
