package io.plumbline.checks;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeConfiguration.CniNetwork;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessSnapshot;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which network plugins leave network policies to others. Only these are named: of a plugin that nobody here knows nothing is said,
 * and nothing where a program runs on the node that is known to enforce them beside a plugin.
 */
public final class NetworkPlugins {

    /** Where that is written. */
    public static final String SOURCE =
            "the plugins of containernetworking and flannel do not enforce policies, by their own documentation"
                    + " (github.com/containernetworking/plugins, github.com/flannel-io/flannel)";

    /** They make interfaces and nothing else; flannel's own documentation points to others for policies. */
    private static final Set<String> PLAIN =
            Set.of("bridge", "flannel", "ptp", "macvlan", "ipvlan", "host-device", "vlan", "loopback", "dummy");

    /** Chained behind others; none of them enforces policies. */
    private static final Set<String> HELPERS =
            Set.of("portmap", "bandwidth", "firewall", "tuning", "sbr", "vrf", "loopback");

    /** Programs that enforce policies whatever the plugin is: kindnet has the type ptp, k3s has flannel. */
    private static final Set<String> ENFORCERS = Set.of(
            "antrea-agent",
            "calico-node",
            "cilium-agent",
            "k3s",
            "k3s-server",
            "kindnetd",
            "kube-network-policies",
            "kube-router",
            "rke2",
            "weave-npc");

    private NetworkPlugins() {}

    /** Why policies are not enforced on this node; empty where something may, or nobody knows. */
    public static Optional<String> unenforcing(NodeView node) {
        List<String> main = node.configuration().cni().observed().map(CniNetwork::plugins).orElse(List.of()).stream()
                .filter(type -> !HELPERS.contains(type))
                .toList();
        return !main.isEmpty() && PLAIN.containsAll(main) && !hasEnforcer(node)
                ? Optional.of("the network plugin " + String.join(", ", main) + " enforces none")
                : Optional.empty();
    }

    /** Only who is root in the host's network can set up its packet filter. */
    private static boolean hasEnforcer(NodeView node) {
        Optional<Long> host = node.facts().hostNamespace(NamespaceType.NET).observed();
        return Stream.concat(
                        node.others().stream(),
                        node.containers().stream().flatMap(container -> container.processes().stream()))
                .map(AttributedProcess::process)
                .filter(process ->
                        process.namespaces().inode(NamespaceType.NET).observed().equals(host))
                .filter(process -> program(process).filter(ENFORCERS::contains).isPresent())
                .anyMatch(process -> process.credentials()
                        .observed()
                        .filter(credentials -> credentials.uids().effective() == 0)
                        .isPresent());
    }

    private static Optional<String> program(ProcessSnapshot process) {
        return process.executable().observed().map(path -> path.substring(path.lastIndexOf('/') + 1));
    }
}
