package io.plumbline.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the cluster's API says beside the pods; the kubelet knows none of it. Each part has its own answer, because each takes a right of
 * its own.
 *
 * @param namespaces the labels of every namespace, by its name
 * @param networkPolicies all of the cluster
 * @param node the versions that run on this node
 */
public record ClusterFacts(
        Reading<Map<String, Map<String, String>>> namespaces,
        Reading<List<NetworkPolicy>> networkPolicies,
        Reading<Versions> node) {

    /** Nobody was asked. */
    public static final ClusterFacts NOT_ASKED = new ClusterFacts(
            new Reading.Absent<>("the API server's namespaces"),
            new Reading.Absent<>("the API server's network policies"),
            new Reading.Absent<>("the API server's node"));

    public ClusterFacts {
        namespaces = namespaces.map(Map::copyOf);
        networkPolicies = networkPolicies.map(List::copyOf);
    }

    /**
     * {@code status.nodeInfo} of the node.
     *
     * @param kubelet {@code v1.32.2}
     * @param runtime {@code containerd://1.6.20}
     */
    public record Versions(String kubelet, String runtime) {

        /** The runtime's version alone; empty where the text has another form. */
        public Optional<String> runtimeVersion() {
            int at = runtime.indexOf("://");
            return at < 0 ? Optional.empty() : Optional.of(runtime.substring(at + 3));
        }
    }

    /**
     * A {@code networking.k8s.io/v1} NetworkPolicy: whom it selects.
     *
     * @param matchLabels {@code spec.podSelector.matchLabels}
     * @param expressions {@code spec.podSelector.matchExpressions}
     */
    public record NetworkPolicy(
            String namespace, String name, Map<String, String> matchLabels, List<Requirement> expressions) {

        public NetworkPolicy {
            matchLabels = Map.copyOf(matchLabels);
            expressions = List.copyOf(expressions);
        }

        /** Does it select a pod? */
        public boolean selects(DeclaredPod pod) {
            return pod.namespace().equals(namespace)
                    && !pod.hostNetwork()
                    && matchLabels.entrySet().stream()
                            .allMatch(label ->
                                    label.getValue().equals(pod.labels().get(label.getKey())))
                    && expressions.stream().allMatch(requirement -> requirement.holds(pod.labels()));
        }
    }

    /**
     * One of {@code matchExpressions}.
     *
     * @param operator {@code In}, {@code NotIn}, {@code Exists} or {@code DoesNotExist}
     */
    public record Requirement(String key, String operator, List<String> values) {

        public Requirement {
            values = List.copyOf(values);
        }

        boolean holds(Map<String, String> labels) {
            String value = labels.get(key);
            return switch (operator) {
                case "In" -> value != null && values.contains(value);
                case "NotIn" -> value == null || !values.contains(value);
                case "Exists" -> value != null;
                case "DoesNotExist" -> value == null;
                default -> false;
            };
        }
    }
}
