package io.plumbline.model;

import java.util.List;
import java.util.Map;

/**
 * All processes of a node, each with whom it belongs to.
 *
 * @param containers all containers and sandboxes with a process, sorted by name
 * @param others processes that belong to no container: the host's and the unattributed
 * @param namespaceOwners by inode, which container or sandbox a namespace was made for; never one of the host's
 */
public record AttributedNode(
        List<AttributedContainer> containers,
        List<AttributedProcess> others,
        Map<Long, ContainerIdentity> namespaceOwners) {

    public AttributedNode {
        containers = List.copyOf(containers);
        others = List.copyOf(others);
        namespaceOwners = Map.copyOf(namespaceOwners);
    }
}
