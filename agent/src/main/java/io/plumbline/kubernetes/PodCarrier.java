package io.plumbline.kubernetes;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where a kind of object carries its pod.
 *
 * @param path the fields that lead from the object to what has a pod's {@code metadata} and {@code spec}
 */
record PodCarrier(List<String> path) {

    private static final PodCarrier ITSELF = new PodCarrier(List.of());
    private static final PodCarrier TEMPLATE = new PodCarrier(List.of("spec", "template"));

    /** Kinds by API group; the same names in other groups are other things. */
    private static final Map<String, Map<String, PodCarrier>> KINDS = Map.of(
            "",
            Map.of(
                    "Pod",
                    ITSELF,
                    "PodTemplate",
                    new PodCarrier(List.of("template")),
                    "ReplicationController",
                    TEMPLATE),
            "apps",
            Map.of("Deployment", TEMPLATE, "DaemonSet", TEMPLATE, "StatefulSet", TEMPLATE, "ReplicaSet", TEMPLATE),
            "extensions",
            Map.of("Deployment", TEMPLATE, "DaemonSet", TEMPLATE, "ReplicaSet", TEMPLATE),
            "batch",
            Map.of("Job", TEMPLATE, "CronJob", new PodCarrier(List.of("spec", "jobTemplate", "spec", "template"))));

    /**
     * The carrier of a kind; empty for kinds without a pod.
     *
     * @param apiVersion empty where the object does not say; then the kind decides
     */
    static Optional<PodCarrier> of(String apiVersion, String kind) {
        Set<String> groups = apiVersion.isEmpty() ? KINDS.keySet() : Set.of(group(apiVersion));
        return groups.stream()
                .flatMap(group ->
                        Optional.ofNullable(KINDS.getOrDefault(group, Map.of()).get(kind)).stream())
                .findFirst();
    }

    /** It is a pod, and does not just make pods. */
    boolean isPod() {
        return path.isEmpty();
    }

    private static String group(String apiVersion) {
        int slash = apiVersion.indexOf('/');
        return slash < 0 ? "" : apiVersion.substring(0, slash);
    }
}
