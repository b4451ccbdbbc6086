package io.plumbline.checks.node;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.NetworkPlugins;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.ClusterFacts.NetworkPolicy;
import io.plumbline.model.Evidence;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeConfiguration.CniNetwork;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What the node has, and its containers' protection rests on. */
final class HostChecks {

    private HostChecks() {}

    /** One question to the node. */
    private record HostCheck(CheckDescription description, Function<NodeView, Optional<Judged>> question)
            implements NodeWideCheck {
        @Override
        public List<Judged> judge(NodeView node) {
            return question.apply(node).stream().toList();
        }
    }

    static List<NodeWideCheck> all() {
        return List.of(appArmor(), parser(), networkPolicy(), new UnmanagedLoadCheck());
    }

    private static NodeWideCheck appArmor() {
        CheckDescription description = new CheckDescription(
                "apparmor-available",
                FindingKind.NODE,
                "low",
                "Node without AppArmor",
                "The node's kernel enforces AppArmor, or another security module labels its processes.",
                "/sys/module/apparmor/parameters/enabled, and whether SELinux labels processes",
                "Boot the node with AppArmor: on Debian and Ubuntu the kernel has it, security=apparmor turns it on.");
        NodeVerdict verdict = new NodeVerdict(description, "on");
        return new HostCheck(description, node -> {
            Reading<Boolean> appArmor = node.facts().appArmor();
            Reading<Boolean> labels = node.facts().seLinux();
            if (appArmor instanceof Reading.Unreadable<Boolean>) {
                return Optional.of(verdict.unknown(appArmor));
            }
            boolean off = !appArmor.observed().orElse(false);
            if (off && labels instanceof Reading.Unreadable<Boolean>) {
                return Optional.of(verdict.unknown(labels));
            }
            boolean seLinux = labels.observed().orElse(false);
            return Optional.of(
                    off && !seLinux
                            ? verdict.wrong(
                                    "off",
                                    "this node's kernel does not enforce AppArmor: no profile of any pod holds here",
                                    List.of(),
                                    node.facts().appArmorShown())
                            : verdict.fine(off ? "SELinux in its place" : "on"));
        });
    }

    private static NodeWideCheck parser() {
        CheckDescription description = new CheckDescription(
                "apparmor-parser",
                FindingKind.NODE,
                "medium",
                "AppArmor without its parser",
                "Where AppArmor is on, apparmor_parser is on the node: containerd gives its default profile only then, and says nothing"
                        + " where it cannot.",
                "apparmor_parser in /sbin, /usr/sbin, /bin and /usr/bin of the node",
                "Install the package apparmor on the node, then delete the pods that run unconfined.");
        NodeVerdict verdict = new NodeVerdict(description, "there");
        return new HostCheck(description, node -> {
            if (!node.facts().appArmor().observed().orElse(false)) {
                return Optional.empty();
            }
            Reading<Boolean> parser = node.configuration().appArmorParser();
            return parser.fold(
                    there -> Optional.of(
                            there
                                    ? verdict.fine("there")
                                    : verdict.wrong(
                                            "missing",
                                            "AppArmor is on and apparmor_parser is not on the node: containers without a profile of"
                                                    + " their own run unconfined",
                                            List.of(),
                                            new Evidence("/sbin/apparmor_parser", "no such file"))),
                    absent -> Optional.<NodeWideCheck.Judged>empty(),
                    unreadable -> Optional.of(verdict.unknown(parser)));
        });
    }

    private static NodeWideCheck networkPolicy() {
        CheckDescription description = new CheckDescription(
                "network-policy",
                FindingKind.NODE,
                "medium",
                "Network policies that nobody enforces",
                "Where the cluster has network policies, the node's network plugin enforces them.",
                "The cluster's NetworkPolicies, against the plugins of the first configuration in /etc/cni/net.d: "
                        + NetworkPlugins.SOURCE,
                "Use a network plugin that enforces policies (Calico, Cilium, Antrea, kube-router, Weave Net), or add one that does"
                        + " beside this one.");
        NodeVerdict verdict = new NodeVerdict(description, "enforced");
        return new HostCheck(description, node -> {
            Optional<List<NetworkPolicy>> policies =
                    node.cluster().networkPolicies().observed();
            Optional<CniNetwork> cni = node.configuration().cni().observed();
            if (policies.filter(all -> !all.isEmpty()).isEmpty()) {
                return Optional.empty();
            }
            if (cni.isEmpty()) {
                return Optional.of(verdict.unknown(node.configuration().cni()));
            }
            return Optional.of(NetworkPlugins.unenforcing(node)
                    .map(why -> verdict.wrong(
                            "not enforced",
                            policies.get().size() + " network policies exist, and " + why,
                            List.of(),
                            new Evidence(
                                    cni.get().file(),
                                    "plugins: " + String.join(", ", cni.get().plugins()))))
                    .orElseGet(() -> verdict.fine("enforced, as far as the plugin's name says")));
        });
    }
}
