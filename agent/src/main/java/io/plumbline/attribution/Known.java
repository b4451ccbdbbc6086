package io.plumbline.attribution;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.OciBundle;
import io.plumbline.model.RuntimeInventory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
    private final Map<String, OciBundle> bundleByPath = new HashMap<>();
    private final Map<String, OciBundle> bundleBySegment = new HashMap<>();
    private final Map<String, OciBundle> personalBySegment = new HashMap<>();

    /** A container and the pod that it is of. */
    record PodContainer(DeclaredPod pod, DeclaredContainer container) {}

    /**
     * A bundle and the cgroup that is its container's.
     *
     * @param byPath the bundle itself names this cgroup; else only a segment has the container's id
     */
    record PlacedBundle(OciBundle bundle, String directory, boolean byPath) {}

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
        inventory.bundles().forEach(this::remember);
    }

    private void remember(OciBundle bundle) {
        if (bundle.personal()) {
            personalBySegment.putIfAbsent(bundle.id(), bundle);
            return;
        }
        bundleById.putIfAbsent(bundle.id(), bundle);
        Optional<String> path = BundleCgroup.pathOf(bundle);
        path.ifPresent(own -> bundleByPath.putIfAbsent(own, bundle));
        if (path.isEmpty()) {
            bundleBySegment.putIfAbsent(bundle.id(), bundle);
        }
        // systemd's notation told to a runtime that manages cgroups itself becomes one name.
        bundle.cgroupsPath()
                .filter(text -> text.contains(":"))
                .ifPresent(text -> bundleBySegment.putIfAbsent(text, bundle));
    }

    /**
     * What is said otherwise by another.
     *
     * @param uids of pods, as they stand in cgroups
     * @param ids of containers
     */
    record Difference(Set<String> uids, Set<String> ids) {}

    Difference difference(Known other) {
        Set<String> ids = keys(containerById, other.containerById);
        ids.addAll(keys(bundleById, other.bundleById));
        return new Difference(keys(podByCgroupUid, other.podByCgroupUid), ids);
    }

    /** Of which there are other values, or one in only one of them. */
    private static <V> Set<String> keys(Map<String, V> some, Map<String, V> others) {
        Set<String> keys = new HashSet<>();
        some.forEach((key, value) -> {
            if (!value.equals(others.get(key))) {
                keys.add(key);
            }
        });
        others.keySet().stream().filter(key -> !some.containsKey(key)).forEach(keys::add);
        return keys;
    }

    Optional<DeclaredPod> pod(String cgroupUid) {
        return Optional.ofNullable(podByCgroupUid.get(cgroupUid));
    }

    Optional<PodContainer> container(String id) {
        return Optional.ofNullable(containerById.get(id));
    }

    /** The bundle that root's runtimes keep of a container. */
    Optional<OciBundle> bundle(String id) {
        return Optional.ofNullable(bundleById.get(id));
    }

    /**
     * The bundle whose cgroup this path is in: of several the outermost, because a container may name the cgroups that it makes as it
     * likes. Where a user may make cgroups the name alone proves nothing, except of the user's own containers.
     */
    Optional<PlacedBundle> bundleAt(String path) {
        boolean users = CgroupPlace.isInUserSlice(path);
        StringBuilder directory = new StringBuilder();
        for (String segment : path.substring(Math.min(1, path.length())).split("/", -1)) {
            directory.append('/').append(segment);
            OciBundle told = bundleByPath.get(directory.toString());
            if (told != null) {
                return Optional.of(new PlacedBundle(told, directory.toString(), true));
            }
            OciBundle named = bundleBySegment.get(segment);
            if (named == null && users) {
                named = personalBySegment.get(scopeless(segment));
            }
            if (named != null) {
                return Optional.of(new PlacedBundle(named, directory.toString(), false));
            }
        }
        return Optional.empty();
    }

    /** podman's {@code libpod-<id>.scope}, docker's {@code docker-<id>.scope}. */
    private static String scopeless(String segment) {
        boolean scope = segment.endsWith(".scope") && (segment.startsWith("libpod-") || segment.startsWith("docker-"));
        return scope ? segment.substring("libpod-".length(), segment.length() - ".scope".length()) : segment;
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
