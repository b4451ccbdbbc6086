package io.plumbline.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The whole node, attributed: what checks look at beside the container that they judge.
 *
 * @param containers all containers and sandboxes with a process
 * @param others processes that belong to no container: the host's and the unattributed
 * @param namespaceOwners which container or sandbox a namespace was made for; the host's namespaces are never in here
 * @param listening sockets of the processes that were asked for them
 * @param declared the kubelet's answer: what it does not know is unknown; empty where none was asked
 * @param configuration what the node's own files say
 * @param profiles the AppArmor profiles that are wanted here, and those that the kernel holds
 * @param mountPoints all that the first processes of containers have, as those see them: what is one exists on this node
 */
public record NodeView(
        NodeFacts facts,
        List<ContainerView> containers,
        List<AttributedProcess> others,
        Map<Long, ContainerIdentity> namespaceOwners,
        Map<ProcessKey, Reading<List<ListeningSocket>>> listening,
        Optional<DeclaredNode> declared,
        NodeConfiguration configuration,
        AppArmorProfiles profiles,
        Set<String> mountPoints) {

    public NodeView {
        containers = List.copyOf(containers);
        others = List.copyOf(others);
        namespaceOwners = Map.copyOf(namespaceOwners);
        listening = Map.copyOf(listening);
        mountPoints = Set.copyOf(mountPoints);
    }

    /** A node of whose own files nothing was read. */
    public NodeView(
            NodeFacts facts,
            List<ContainerView> containers,
            List<AttributedProcess> others,
            Map<Long, ContainerIdentity> namespaceOwners,
            Map<ProcessKey, Reading<List<ListeningSocket>>> listening,
            Optional<DeclaredNode> declared) {
        this(
                facts,
                containers,
                others,
                namespaceOwners,
                listening,
                declared,
                NodeConfiguration.NOT_READ,
                AppArmorProfiles.NONE,
                Set.of());
    }

    /**
     * What holds for all its containers: facts, listening sockets, and what the cluster's API says. Of processes, containers, pods, files and
     * profiles there are none.
     *
     * @param hostMounts in place of the host's own
     * @param owners of namespaces, in place of all
     * @param seen mount points, in place of all
     */
    public NodeView withoutOthers(
            Reading<MountTable> hostMounts, Map<Long, ContainerIdentity> owners, Set<String> seen) {
        return new NodeView(
                facts.at(facts.takenAt(), facts.uptime(), hostMounts),
                List.of(),
                List.of(),
                owners,
                listening,
                declared.map(node -> new DeclaredNode(
                        node.source(), node.nodeName(), List.of(), node.kubelet(), List.of(), node.cluster())),
                NodeConfiguration.NOT_READ,
                AppArmorProfiles.NONE,
                seen);
    }

    /** There is a kubelet's answer. */
    public boolean kubeletAsked() {
        return declared.isPresent();
    }

    /** What the cluster's API says; nothing where it was not asked. */
    public ClusterFacts cluster() {
        return declared.map(DeclaredNode::cluster).orElse(ClusterFacts.NOT_ASKED);
    }

    /** Whose namespace this is; empty for the host's, and for one that no container was given. */
    public Optional<ContainerIdentity> ownerOf(long inode) {
        return Optional.ofNullable(namespaceOwners.get(inode));
    }
}
