package io.plumbline.attribution;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whose a namespace is: the sandbox's that was there first, else that of the container whose first process is the oldest in it.
 * Who entered later does not own it, and what a pod's containers share is the sandbox's where there is one.
 */
final class NamespaceOwners {

    /** Made with the sandbox, for all containers of the pod. */
    private static final Set<NamespaceType> SHARED =
            Set.of(NamespaceType.NET, NamespaceType.IPC, NamespaceType.UTS, NamespaceType.USER);

    private NamespaceOwners() {}

    static Map<Long, ContainerIdentity> of(List<AttributedContainer> containers, NodeFacts facts) {
        Map<Long, ContainerIdentity> owners = new HashMap<>();
        List<AttributedContainer> byAge = new ArrayList<>(containers);
        byAge.sort(Comparator.comparing((AttributedContainer c) -> !isSandbox(c))
                .thenComparing(c -> c.first()
                        .map(first -> first.process().key().startTicks())
                        .orElse(Long.MAX_VALUE)));
        Set<String> withSandbox = containers.stream()
                .filter(NamespaceOwners::isSandbox)
                .map(container -> container.identity().podUid())
                .filter(uid -> !uid.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
        for (AttributedContainer container : byAge) {
            boolean sharing = !isSandbox(container)
                    && withSandbox.contains(container.identity().podUid());
            Optional<AttributedProcess> first = container.first();
            if (first.isEmpty() || (!first.get().settled() && !isSandbox(container))) {
                continue;
            }
            for (NamespaceType type : NamespaceType.values()) {
                first.get().process().namespaces().inode(type).observed().ifPresent(inode -> {
                    if (!isHosts(type, inode, facts) && !(sharing && SHARED.contains(type))) {
                        owners.putIfAbsent(inode, container.identity());
                    }
                });
            }
        }
        return owners;
    }

    /** Would either of these, in the place of the other, own the same, and leave the same to others? */
    static boolean ownTheSame(AttributedContainer one, AttributedContainer other) {
        return one.identity().equals(other.identity())
                && isSandbox(one) == isSandbox(other)
                && one.first().isPresent() == other.first().isPresent()
                && (one.first().isEmpty()
                        || ownTheSame(one.first().get(), other.first().get()));
    }

    private static boolean ownTheSame(AttributedProcess one, AttributedProcess other) {
        return one.settled() == other.settled()
                && one.process().key().equals(other.process().key())
                && one.process().namespaces().equals(other.process().namespaces());
    }

    private static boolean isHosts(NamespaceType type, long inode, NodeFacts facts) {
        // Where the host's own is not known, nobody may own one of this kind: it might be the host's.
        return facts.hostNamespace(type).observed().map(host -> host == inode).orElse(true);
    }

    private static boolean isSandbox(AttributedContainer container) {
        return container.declaration() instanceof Declaration.OfSandbox
                || container.granted().observed().filter(Known::isSandbox).isPresent();
    }
}
