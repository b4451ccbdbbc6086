package io.plumbline.model;

import java.util.List;
import java.util.Map;

/**
 * For whom policies hold. A policy that no binding names holds for every pod.
 *
 * @param policies names of policies
 * @param namespaces names of namespaces; empty together with {@code namespaceLabels}: all
 * @param namespaceLabels labels that a namespace must have, where the API server tells them
 * @param serviceAccounts {@code name}, or {@code namespace/name}; empty: all
 */
public record PolicyBinding(
        List<String> policies,
        List<String> namespaces,
        Map<String, String> namespaceLabels,
        List<String> serviceAccounts) {

    public PolicyBinding {
        policies = List.copyOf(policies);
        namespaces = List.copyOf(namespaces);
        namespaceLabels = Map.copyOf(namespaceLabels);
        serviceAccounts = List.copyOf(serviceAccounts);
    }

    /**
     * Does it select the pod?
     *
     * @param labels of the pod's namespace; empty where nobody tells them
     */
    public boolean selects(DeclaredPod pod, Map<String, String> labels) {
        String account = pod.serviceAccountName().orElse("default");
        return (namespaces.isEmpty() || namespaces.contains(pod.namespace()))
                && namespaceLabels.entrySet().stream()
                        .allMatch(label -> label.getValue().equals(labels.get(label.getKey())))
                && (serviceAccounts.isEmpty()
                        || serviceAccounts.contains(account)
                        || serviceAccounts.contains(pod.namespace() + "/" + account));
    }
}
