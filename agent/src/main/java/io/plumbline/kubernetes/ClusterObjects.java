package io.plumbline.kubernetes;

import io.plumbline.model.ClusterFacts.NetworkPolicy;
import io.plumbline.model.ClusterFacts.Requirement;
import io.plumbline.model.ClusterFacts.Versions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the objects beside pods that say something of what a pod may do: namespaces, network policies, the node. */
final class ClusterObjects {

    private static final Set<String> KINDS = Set.of("Namespace", "NetworkPolicy", "Node");

    private final JsonCursor json;
    private final Map<String, Map<String, String>> namespaces = new HashMap<>();
    private final List<NetworkPolicy> networkPolicies = new ArrayList<>();
    private final Map<String, Versions> nodes = new HashMap<>();

    ClusterObjects(JsonCursor json) {
        this.json = json;
    }

    static boolean knows(String kind) {
        return KINDS.contains(kind);
    }

    /** One object of a list; of another kind than {@link #knows} nothing is kept. */
    final class Item {
        private final ObjectMeta meta = new ObjectMeta(json);
        private final Map<String, String> matchLabels = new HashMap<>();
        private final List<Requirement> expressions = new ArrayList<>();
        private String kubelet = "";
        private String runtime = "";

        /** One of its fields, the cursor standing on the value. */
        void field(String kind, String field) throws IOException {
            switch (field) {
                case "metadata" -> json.object(meta::field);
                case "spec" -> {
                    if (kind.equals("NetworkPolicy")) {
                        json.object(this::policy);
                    }
                }
                case "status" -> {
                    if (kind.equals("Node")) {
                        json.object(this::status);
                    }
                }
                default -> {}
            }
        }

        void end(String kind) {
            String name = meta.name().orElse("");
            switch (kind) {
                case "Namespace" -> namespaces.put(name, meta.labels());
                case "NetworkPolicy" ->
                    networkPolicies.add(new NetworkPolicy(meta.namespace().orElse(""), name, matchLabels, expressions));
                case "Node" -> nodes.put(name, new Versions(kubelet, runtime));
                default -> {}
            }
        }

        private void policy(String field) throws IOException {
            if (field.equals("podSelector")) {
                json.object(this::selector);
            }
        }

        private void selector(String field) throws IOException {
            if (field.equals("matchLabels")) {
                json.object(key -> matchLabels.put(key, json.text().orElse("")));
            } else if (field.equals("matchExpressions")) {
                json.array(this::expression);
            }
        }

        private void expression() throws IOException {
            String[] words = {"", ""};
            List<String> values = new ArrayList<>();
            json.object(field -> {
                switch (field) {
                    case "key" -> words[0] = json.text().orElse("");
                    case "operator" -> words[1] = json.text().orElse("");
                    case "values" -> values.addAll(json.texts());
                    default -> {}
                }
            });
            expressions.add(new Requirement(words[0], words[1], values));
        }

        private void status(String field) throws IOException {
            if (field.equals("nodeInfo")) {
                json.object(detail -> {
                    switch (detail) {
                        case "kubeletVersion" -> kubelet = json.text().orElse("");
                        case "containerRuntimeVersion" -> runtime = json.text().orElse("");
                        default -> {}
                    }
                });
            }
        }
    }

    Map<String, Map<String, String>> namespaces() {
        return namespaces;
    }

    List<NetworkPolicy> networkPolicies() {
        return networkPolicies;
    }

    Optional<Versions> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }
}
