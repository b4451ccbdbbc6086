package io.plumbline.scan;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceSet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What of the node, that is otherwise whenever some container comes or goes, concerns this one. Its judges are shown nothing else of that, so
 * that they cannot depend on what is not compared.
 *
 * @param hostMounts of the devices that it has mounted too
 * @param owners of the namespaces that something of it is in, or was
 * @param sockets that its processes wait at, of those that were asked
 * @param mountPoints of the paths that should be masked in it, those that some container has
 */
record Surroundings(
        List<Mount> hostMounts,
        Map<Long, ContainerIdentity> owners,
        List<Reading<List<ListeningSocket>>> sockets,
        Set<String> mountPoints) {

    static Surroundings of(ContainerView view, NodeView node, HostMounts host) {
        Set<MountTable> tables = new HashSet<>();
        Map<Long, ContainerIdentity> owners = new HashMap<>();
        List<Reading<List<ListeningSocket>>> sockets = new ArrayList<>();
        for (AttributedProcess process : view.processes()) {
            ProcessSnapshot snapshot = process.process();
            if (snapshot.mounts() instanceof Reading.Observed<MountTable> table) {
                tables.add(table.value());
            }
            owners(snapshot.namespaces(), node, owners);
            for (ThreadSnapshot thread : snapshot.threads().observed().orElse(List.of())) {
                owners(thread.namespaces(), node, owners);
            }
            snapshot.executableOrigin()
                    .observed()
                    .flatMap(ExecutableOrigin::elsewhere)
                    .ifPresent(namespace -> owner(namespace, node, owners));
            for (DirectoryElsewhere directory : snapshot.directoriesElsewhere()) {
                owner(directory.namespace(), node, owners);
            }
            Reading<List<ListeningSocket>> of = node.listening().get(snapshot.key());
            if (of != null) {
                sockets.add(of);
            }
        }
        Set<String> devices = tables.stream()
                .flatMap(table -> table.mounts().stream())
                .map(Mount::device)
                .collect(Collectors.toSet());
        Set<String> mountPoints =
                masks(view).filter(node.mountPoints()::contains).collect(Collectors.toUnmodifiableSet());
        return new Surroundings(host.of(devices), owners, sockets, mountPoints);
    }

    /** The paths that should be masked or read-only, by the promise or by what the runtime was told. */
    private static Stream<String> masks(ContainerView view) {
        return Stream.concat(
                view.expected().masks().value().stream()
                        .flatMap(masks -> Stream.concat(masks.masked().stream(), masks.readOnly().stream())),
                view.granted().observed().stream()
                        .flatMap(bundle ->
                                Stream.concat(bundle.maskedPaths().stream(), bundle.readOnlyKernelPaths().stream())));
    }

    private static void owners(NamespaceSet namespaces, NodeView node, Map<Long, ContainerIdentity> owners) {
        for (NamespaceType type : NamespaceType.values()) {
            if (namespaces.inode(type) instanceof Reading.Observed<Long> inode) {
                owner(inode.value(), node, owners);
            }
        }
    }

    private static void owner(Long inode, NodeView node, Map<Long, ContainerIdentity> owners) {
        ContainerIdentity owner = node.namespaceOwners().get(inode);
        if (owner != null) {
            owners.put(inode, owner);
        }
    }

    /** The node as the judges of that container are shown it. */
    NodeView shownOf(NodeView node, HostMounts host) {
        return node.withoutOthers(host.only(hostMounts), owners, mountPoints);
    }
}
