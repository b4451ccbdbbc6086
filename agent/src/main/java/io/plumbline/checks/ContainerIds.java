package io.plumbline.checks;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Expected.Namespace;
import io.plumbline.model.Expected.Namespace.Scope;
import io.plumbline.model.IdMap;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.OciBundle;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.util.Optional;
import java.util.function.Function;

/**
 * How ids of the host translate to those that a container's spec names: by the user namespace that the container was given. In one that a
 * process makes below, see user_namespaces(7), it calls its own uid 0 or any other, and remains who it is.
 */
public final class ContainerIds {

    private ContainerIds() {}

    /** The map for the uids of this process. */
    public static Reading<IdMap> users(AttributedProcess process, ContainerView container, NodeView node) {
        return map(process, container, node, ProcessSnapshot::uidMap);
    }

    /** The map for its gids. */
    public static Reading<IdMap> groups(AttributedProcess process, ContainerView container, NodeView node) {
        return map(process, container, node, ProcessSnapshot::gidMap);
    }

    private static Reading<IdMap> map(
            AttributedProcess process,
            ContainerView container,
            NodeView node,
            Function<ProcessSnapshot, Reading<IdMap>> map) {
        Reading<IdMap> own = map.apply(process.process());
        Optional<Long> namespace = namespace(process);
        if (namespace.isEmpty()) {
            return own;
        }
        if (hasTheHosts(container)) {
            Optional<Long> host = node.facts().hostNamespace(NamespaceType.USER).observed();
            return host.isEmpty() || host.equals(namespace) ? own : Reading.of(IdMap.IDENTITY);
        }
        return container
                .first()
                .filter(first ->
                        namespace(first).isPresent() && !namespace(first).equals(namespace))
                .map(first -> map.apply(first.process()))
                .orElse(own);
    }

    /** A user's own runtime makes its containers in a namespace of that user, of which their bundles do not tell. */
    private static boolean hasTheHosts(ContainerView container) {
        Namespace given = container.expected().namespaces().get(NamespaceType.USER);
        return given != null
                && given.scope() == Scope.HOST
                && container.granted().observed().filter(OciBundle::personal).isEmpty();
    }

    private static Optional<Long> namespace(AttributedProcess process) {
        return process.process().namespaces().inode(NamespaceType.USER).observed();
    }
}
