package io.plumbline.checks.drift;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Expected.Namespace;
import io.plumbline.model.Expected.Namespace.Scope;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import java.util.Optional;

/**
 * In which user namespace a process is, seen from its container's: in one that was made below, its capabilities do not mean what they say.
 */
final class UserNamespaces {

    private UserNamespaces() {}

    /** Where a process is. */
    enum Place {
        /** The host's, or the pod's own where it has one. */
        EXPECTED,
        /** The host's although the pod should have its own. */
        HOST,
        /** One that was made below. */
        NESTED,
        UNKNOWN
    }

    static Place of(AttributedProcess process, ContainerView container, NodeView node, Judgement judgement) {
        Reading<Long> own = process.process().namespaces().inode(NamespaceType.USER);
        Reading<Long> host = node.facts().hostNamespace(NamespaceType.USER);
        if (own instanceof Reading.Absent) {
            return Place.EXPECTED; // a kernel without user namespaces has one
        }
        if (own.observed().isEmpty()) {
            judgement.cannotTell(process, own);
            return Place.UNKNOWN;
        }
        if (host.observed().isEmpty()) {
            judgement.cannotTell(process, host);
            return Place.UNKNOWN;
        }
        boolean inHosts = own.observed().equals(host.observed());
        if (ownExpected(container)) {
            Optional<Long> first = container
                    .first()
                    .flatMap(f ->
                            f.process().namespaces().inode(NamespaceType.USER).observed());
            return inHosts ? Place.HOST : first.equals(own.observed()) ? Place.EXPECTED : Place.NESTED;
        }
        return inHosts ? Place.EXPECTED : Place.NESTED;
    }

    private static boolean ownExpected(ContainerView container) {
        Namespace user = container.expected().namespaces().get(NamespaceType.USER);
        return user != null && user.scope() != Scope.HOST;
    }
}
