package io.plumbline.attribution;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.MountTable;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A node of 5,000 processes, nine in ten of them in one of 250 containers: whose each of them is. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class AttributionBenchmark {
    private static final int CONTAINERS = 250;
    private static final int OF_EACH = 18;
    private static final int OF_HOST = 500;
    private static final int CHANGED = 10;
    private static final RuntimeInventory NO_BUNDLES = new RuntimeInventory(List.of(), List.of(), List.of());

    // Read once of each namespace, as a reader does.
    private final Reading<MountTable> inContainers =
            Reading.of(Mounts.ofContainer().table());
    private final Reading<MountTable> onHost = Reading.of(Mounts.ofHost().table());
    private Optional<DeclaredNode> declared = Optional.empty();
    private List<Optional<DeclaredNode>> answers = List.of();
    private List<NodeSnapshot> snapshots = List.of();
    private Attributor settled = new Attributor();
    private int look;

    @Setup
    public void startProcesses() {
        StringBuilder pods = new StringBuilder();
        for (int container = 0; container < CONTAINERS; container++) {
            pods.append("---\nmetadata: {name: pod-").append(container).append("}\n");
        }
        Nodes node = Nodes.node().pods(pods.toString()).with(processes(0));
        declared = node.answer();
        List<DeclaredPod> others = new ArrayList<>(declared.orElseThrow().pods());
        others.set(
                0,
                Pods.read("metadata: {name: pod-0, labels: {changed: again}}")
                        .pods()
                        .get(0));
        answers = List.of(declared, declared.map(answer -> answer.withPods(others)));
        NodeSnapshot before = node.snapshot();
        snapshots = List.of(before, with(before, Nodes.node().with(processes(1)).snapshot()));
    }

    @Setup(Level.Iteration)
    public void lookOnce() {
        settled = new Attributor();
        settled.attribute(snapshots.get(0), declared, NO_BUNDLES);
    }

    @Benchmark
    public Object firstTime() {
        return new Attributor().attribute(snapshots.get(0), declared, NO_BUNDLES);
    }

    @Benchmark
    public Object nothingChanged() {
        return settled.attribute(snapshots.get(0), declared, NO_BUNDLES);
    }

    /** Ten processes, each of another container. */
    @Benchmark
    public Object tenProcessesChanged() {
        return settled.attribute(snapshots.get(++look % snapshots.size()), declared, NO_BUNDLES);
    }

    /** The kubelet says something else of one pod. */
    @Benchmark
    public Object onePodChanged() {
        return settled.attribute(snapshots.get(0), answers.get(++look % answers.size()), NO_BUNDLES);
    }

    /** @param uid of those that change */
    private Processes[] processes(long uid) {
        List<Processes> all = new ArrayList<>();
        for (int i = 0; i < OF_HOST; i++) {
            all.add(Processes.ofHost(2 + i).mounts(onHost));
        }
        for (int container = 0; container < CONTAINERS; container++) {
            int pid = 1000 + container * OF_EACH;
            Processes first = Processes.of(pid, "pod-" + container, "main").mounts(inContainers);
            all.add(container < CHANGED ? first.uid(uid) : first);
            for (int i = 1; i < OF_EACH; i++) {
                all.add(Processes.of(pid + i, "pod-" + container, "main")
                        .besides(first)
                        .parent(pid)
                        .mounts(inContainers));
            }
        }
        return all.toArray(Processes[]::new);
    }

    /** As a reader gives it: whoever is as he was has the same snapshot. */
    private static NodeSnapshot with(NodeSnapshot before, NodeSnapshot after) {
        Map<Integer, ProcessSnapshot> known = new HashMap<>();
        before.processes().forEach(process -> known.put(process.pid(), process));
        List<ProcessSnapshot> processes = after.processes().stream()
                .map(process -> process.equals(known.get(process.pid())) ? known.get(process.pid()) : process)
                .toList();
        return new NodeSnapshot(before.facts(), processes, 0);
    }
}
