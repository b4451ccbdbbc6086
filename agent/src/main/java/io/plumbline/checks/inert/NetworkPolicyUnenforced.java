package io.plumbline.checks.inert;

import io.plumbline.model.Cause;
import io.plumbline.model.ClusterFacts.NetworkPolicy;
import io.plumbline.model.Evidence;
import io.plumbline.model.NodeConfiguration.CniNetwork;
import java.util.List;
import java.util.Optional;

/** A NetworkPolicy that selects the pod, on a node whose network plugin enforces none. */
final class NetworkPolicyUnenforced implements InertRule {

    @Override
    public Optional<Inert> judge(Subject subject) {
        List<String> selecting = subject.node().cluster().networkPolicies().observed().orElse(List.of()).stream()
                .filter(policy -> policy.selects(subject.pod()))
                .map(NetworkPolicy::name)
                .toList();
        if (selecting.isEmpty()) {
            return Optional.empty();
        }
        Optional<CniNetwork> cni = subject.node().cni().observed();
        Optional<String> why = subject.node().unenforced();
        if (why.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.NETWORK_POLICY_UNENFORCED,
                "NetworkPolicy " + String.join(", ", selecting),
                why.get(),
                "Use a network plugin that enforces policies, or add one that does beside this one",
                List.of(new Evidence(
                        cni.get().file(),
                        "plugins: " + String.join(", ", cni.get().plugins())))));
    }
}
