package io.plumbline.attribution;

import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.OciBundle;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Tells a pod's sandbox from other containers that the kubelet does not list. */
final class Sandboxes {

    private static final String PAUSE = "pause";

    private final Reading<Long> hostNetwork;
    private final Map<String, Pod> pods = new HashMap<>();

    /** What of one pod runs: containers by the network namespaces that they are in, and the oldest process. */
    private static final class Pod {
        private final Set<String> containers = new HashSet<>();
        private final Map<Long, Set<String>> containersByNetwork = new HashMap<>();
        private final Map<Long, Set<String>> knownByNetwork = new HashMap<>();
        private Optional<ProcessKey> oldest = Optional.empty();
    }

    Sandboxes(NodeSnapshot snapshot, Function<ProcessSnapshot, List<CgroupPlace>> places, Known known) {
        hostNetwork = snapshot.facts().hostNamespace(NamespaceType.NET);
        for (ProcessSnapshot process : snapshot.processes()) {
            places.apply(process).stream()
                    .filter(place -> place.podUid().isPresent())
                    .findFirst()
                    .ifPresent(place -> see(process, place, known));
        }
    }

    private void see(ProcessSnapshot process, CgroupPlace place, Known known) {
        String id = place.containerId().orElse("");
        Pod pod = pods.computeIfAbsent(place.podUid().orElse(""), uid -> new Pod());
        pod.containers.add(id);
        if (pod.oldest.filter(key -> key.compareTo(process.key()) <= 0).isEmpty()) {
            pod.oldest = Optional.of(process.key());
        }
        network(process).ifPresent(inode -> {
            pod.containersByNetwork
                    .computeIfAbsent(inode, key -> new HashSet<>())
                    .add(id);
            if (known.container(id).isPresent()) {
                pod.knownByNetwork
                        .computeIfAbsent(inode, key -> new HashSet<>())
                        .add(id);
            }
        });
    }

    /** What the runtime says of it; empty where it says nothing. */
    static Optional<Boolean> told(Reading<OciBundle> bundle) {
        return bundle.observed()
                .flatMap(found -> Known.annotation(found, Known.TYPE))
                .map("sandbox"::equals);
    }

    /**
     * Is this the process of the pod's sandbox, of which the runtime says nothing? It is a program called pause in the network namespace
     * that the pod's containers are in; or, whatever it is called, it was in that namespace before all others of the pod.
     */
    boolean isSandbox(ProcessSnapshot process, CgroupPlace place) {
        Pod pod = pods.getOrDefault(place.podUid().orElse(""), new Pod());
        Optional<Long> network = network(process);
        String id = place.containerId().orElse("");
        return isCalledPause(process)
                ? network.isEmpty()
                        || pod.containers.size() == 1
                        || isShared(pod.containersByNetwork, network.get(), id)
                : network.isPresent()
                        && hostNetwork
                                .observed()
                                .filter(host -> !host.equals(network.get()))
                                .isPresent()
                        && pod.oldest.filter(process.key()::equals).isPresent()
                        && isShared(pod.knownByNetwork, network.get(), id);
    }

    private static boolean isShared(Map<Long, Set<String>> containers, long network, String id) {
        return containers.getOrDefault(network, Set.of()).stream().anyMatch(other -> !other.equals(id));
    }

    private static boolean isCalledPause(ProcessSnapshot process) {
        return process.comm().equals(PAUSE)
                && process.executable()
                        .observed()
                        .map(exe -> exe.endsWith("/" + PAUSE))
                        .orElse(true);
    }

    private static Optional<Long> network(ProcessSnapshot process) {
        return process.namespaces().inode(NamespaceType.NET).observed();
    }
}
