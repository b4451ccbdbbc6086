package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Containers that the kubelet does not know, or not yet: of a pod that is not in its list, of a pod whose status still
 * names an older container, and of no pod at all. Nearly all of its time is the grace that the kubelet has to catch up,
 * so it runs beside the other tests.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Execution(ExecutionMode.CONCURRENT)
final class KubeletIT {
    private static final Duration GRACE = Duration.ofSeconds(30);

    private Node node;
    private Running known;
    private Running orphaned;
    private Running restarted;
    private Running.Container unmanaged;
    private boolean inTime;
    private Scan young;
    private Scan old;

    @BeforeAll
    void scanWithinTheGraceAndAfterIt() {
        node = Node.with("containerd");
        try {
            known = node.run(Pod.withContainer("known", "{}"));
            unmanaged = runBesideTheKubelet();
            orphaned = node.runUnlisted(Pod.withContainer("orphaned", "{}"));
            restarted = node.run(Pod.withContainer("restarted", "{}"));
            restarted.main().process().awaitSettled();
            young = node.scan(lagging());
            inTime = orphaned.sandbox().process().age().compareTo(GRACE) < 0;
            restarted.main().process().awaitAge(GRACE.plusSeconds(1));
            old = node.scan(lagging());
        } catch (RuntimeException | AssertionError e) {
            node.close();
            throw e;
        }
    }

    @AfterAll
    void removeEverything() {
        if (node != null) {
            node.close();
        }
    }

    @Test
    void whatTheKubeletMayStillLearnOfIsNotDrift() {
        Machine.needs(inTime, "a machine that scans within " + GRACE + " of a container's start");
        Stream.of(orphaned.main(), orphaned.sandbox(), restarted.main())
                .forEach(container -> assertThat(driftOf(young, container)).isEmpty());
    }

    @Test
    void aPodThatTheKubeletDoesNotKnowIsDriftAfterTheGrace() {
        assertOnly("orphan-process", orphaned.main());
    }

    @Test
    void trap21AContainerThatTheStatusNeverNamesIsDriftAfterTheGrace() {
        assertOnly("orphan-process", restarted.main());
    }

    @Test
    void aContainerMadeBesideTheKubeletIsDrift() {
        assertOnly("unmanaged-container", unmanaged);
    }

    @Test
    void theSandboxOfAKnownPodIsNot() {
        assertThat(driftOf(old, restarted.sandbox())).isEmpty();
        assertThat(driftOf(old, known.sandbox())).isEmpty();
        assertThat(driftOf(old, known.main())).isEmpty();
    }

    private Running.Container runBesideTheKubelet() {
        Pod nobodys = Pod.withContainer("unmanaged", "{}");
        String id = Node.newId();
        ObjectNode config = node.config(nobodys)
                .container(
                        nobodys.running().get(0),
                        id,
                        id,
                        ProcessHandle.current().pid(),
                        List.of());
        config.withObject("/annotations").removeAll();
        config.withObject("/linux").put("cgroupsPath", "/" + Containerd.NAMESPACE + "/" + id);
        config.withObject("/linux").withArray("namespaces").forEach(each -> ((ObjectNode) each).remove("path"));
        return node.runBeside(id, config);
    }

    /** The kubelet's list, in which one pod's status still has the container that was before. */
    private Path lagging() {
        return node.podList("pods.json", list -> {
            for (JsonNode item : list.get("items")) {
                if (item.at("/metadata/uid").asText().equals(restarted.pod().uid())) {
                    ((ObjectNode) item.at("/status/containerStatuses/0"))
                            .put("containerID", "containerd://" + "ab".repeat(32));
                }
            }
        });
    }

    private static List<Finding> driftOf(Scan scan, Running.Container container) {
        return scan.of(container.pid()).stream()
                .filter(finding -> finding.text("kind").equals("drift"))
                .toList();
    }

    /** One finding of this check names the process, and none of another check. */
    private void assertOnly(String check, Running.Container container) {
        List<Finding> found = driftOf(old, container);
        assertThat(found).extracting(Finding::check).containsExactly(check);
        assertThat(found.get(0).text("severity")).isEqualTo("medium");
        assertThat(found.get(0).pids()).isEqualTo(new TreeSet<>(Set.of(container.pid())));
    }
}
