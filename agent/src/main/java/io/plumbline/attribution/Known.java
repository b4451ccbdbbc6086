package io.plumbline.attribution;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.OciBundle;
import io.plumbline.model.RuntimeInventory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the kubelet and the runtimes know, by the ids that stand in cgroup names. */
final class Known {

    /** Annotations by which a runtime says whose container it made: containerd's, then CRI-O's. */
    static final List<String> NAMESPACE = List.of("io.kubernetes.cri.sandbox-namespace", "io.kubernetes.pod.namespace");

    static final List<String> POD = List.of("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name");
    static final List<String> POD_UID = List.of("io.kubernetes.cri.sandbox-uid", "io.kubernetes.pod.uid");
    static final List<String> CONTAINER = List.of("io.kubernetes.cri.container-name", "io.kubernetes.container.name");
    static final List<String> TYPE = List.of("io.kubernetes.cri.container-type", "io.kubernetes.cri-o.ContainerType");

    private final Map<String, DeclaredPod> podByCgroupUid = new HashMap<>();
    private final Map<String, PodContainer> containerById = new HashMap<>();
    private final Map<String, OciBundle> bundleById = new HashMap<>();
    private final List<OciBundle> bundles;

    /** A container and the pod that it is of. */
    record PodContainer(DeclaredPod pod, DeclaredContainer container) {}

    Known(Optional<DeclaredNode> declared, RuntimeInventory inventory) {
        for (DeclaredPod pod : declared.map(DeclaredNode::pods).orElse(List.of())) {
            for (String uid : pod.cgroupUids()) {
                podByCgroupUid.put(uid, pod);
            }
            for (DeclaredContainer container : pod.containers()) {
                container
                        .status()
                        .flatMap(DeclaredContainer.Status::id)
                        .ifPresent(id -> containerById.put(id, new PodContainer(pod, container)));
            }
        }
        bundles = inventory.bundles();
        for (OciBundle bundle : bundles) {
            bundleById.put(bundle.id(), bundle);
        }
    }

    Optional<DeclaredPod> pod(String cgroupUid) {
        return Optional.ofNullable(podByCgroupUid.get(cgroupUid));
    }

    Optional<PodContainer> container(String id) {
        return Optional.ofNullable(containerById.get(id));
    }

    Optional<OciBundle> bundle(String id) {
        return Optional.ofNullable(bundleById.get(id));
    }

    /** The bundle whose cgroup this path is in; of several the one with the longest path of its own. */
    Optional<OciBundle> bundleAt(String path) {
        OciBundle best = null;
        int bestLength = -1;
        for (OciBundle bundle : bundles) {
            if (BundleCgroup.holds(bundle, path)) {
                int length = BundleCgroup.pathOf(bundle).map(String::length).orElse(0);
                if (length > bestLength) {
                    best = bundle;
                    bestLength = length;
                }
            }
        }
        return Optional.ofNullable(best);
    }

    static Optional<String> annotation(OciBundle bundle, List<String> keys) {
        return keys.stream()
                .map(key -> bundle.annotations().get(key))
                .filter(value -> value != null && !value.isEmpty())
                .findFirst();
    }

    static boolean isSandbox(OciBundle bundle) {
        return annotation(bundle, TYPE).filter("sandbox"::equals).isPresent();
    }
}
