package io.plumbline.serve;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.SameObjects;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Hears of mount tables of containers that change while no process does, on a thread of its own. */
final class MountListener implements AutoCloseable {

    /** What could not be watched, for want of descriptors perhaps, is tried again after this. */
    private static final Duration UNTIL_TRIED_AGAIN = Duration.ofSeconds(1);

    private final Optional<MountSource> source;
    private final Changes changes;
    private final InstantSource clock;
    private final Runnable news;
    private final HearingThread thread = new HearingThread("mounts", this::hear);

    private volatile Optional<NodeView> node = Optional.empty();

    /** @param news told whenever {@code changes} holds something */
    MountListener(Optional<MountSource> source, Changes changes, InstantSource clock, Runnable news) {
        this.source = source;
        this.changes = changes;
        this.clock = clock;
        this.news = news;
    }

    void start() {
        if (source.isPresent()) {
            thread.start();
        }
    }

    /** From now on the mount tables of its containers matter. The node's own changes with every container that starts. */
    void watch(NodeView seen) {
        node = Optional.of(seen);
    }

    /** The mount namespaces of all containers, each with who is in it. */
    private static Map<Long, SortedSet<Integer>> namespaces(NodeView node) {
        Optional<Long> host = node.facts().hostNamespace(NamespaceType.MNT).observed();
        Map<Long, SortedSet<Integer>> namespaces = new TreeMap<>();
        for (ContainerView container : node.containers()) {
            for (AttributedProcess process : container.processes()) {
                if (process.process().namespaces().inode(NamespaceType.MNT) instanceof Reading.Observed<Long> inode
                        && !host.equals(Optional.of(inode.value()))) {
                    namespaces
                            .computeIfAbsent(inode.value(), any -> new TreeSet<>())
                            .add(process.process().pid());
                }
            }
        }
        return namespaces;
    }

    private void hear() throws InterruptedException {
        try (MountSource heard = source.orElseThrow()) {
            List<ContainerView> containers = List.of();
            Map<Long, SortedSet<Integer>> watched = Map.of();
            long tried = System.nanoTime();
            while (thread.goesOn()) {
                Optional<NodeView> seen = node;
                Map<Long, SortedSet<Integer>> now = watched;
                if (seen.isPresent()
                        && !SameObjects.areIn(containers, seen.get().containers())) {
                    now = namespaces(seen.get());
                    containers = seen.get().containers();
                }
                boolean again = heard.lacksSome() && System.nanoTime() - tried > UNTIL_TRIED_AGAIN.toNanos();
                if (again || !now.equals(watched)) {
                    Map<Long, Integer> oneOfEach = new TreeMap<>();
                    now.forEach((namespace, pids) -> oneOfEach.put(namespace, pids.first()));
                    // What was read of them before may be out of date, but nobody said that it is.
                    tell(now, heard.watch(oneOfEach), false);
                    watched = now;
                    tried = System.nanoTime();
                }
                if (tell(now, heard.next(HearingThread.LONGEST_WAIT), true)) {
                    thread.gather(1);
                }
            }
        }
    }

    private boolean tell(Map<Long, SortedSet<Integer>> watched, Set<Long> namespaces, boolean changed) {
        Set<Integer> pids = new HashSet<>();
        namespaces.forEach(namespace -> pids.addAll(watched.getOrDefault(namespace, new TreeSet<>())));
        if (pids.isEmpty()) {
            return false;
        }
        changes.addMounts(pids, changed ? Optional.of(clock.instant()) : Optional.empty());
        if (changes.isDue()) {
            news.run();
        }
        return true;
    }

    @Override
    public void close() {
        thread.close();
    }
}
