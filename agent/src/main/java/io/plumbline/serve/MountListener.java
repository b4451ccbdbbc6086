package io.plumbline.serve;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.SameObjects;
import io.plumbline.model.ScanReport;
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

    private volatile Map<Long, SortedSet<Integer>> wanted = Map.of();
    private List<ContainerView> containers = List.of();

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

    /** From now on the mount tables of these containers matter. The node's own changes with every container that starts. */
    void watch(ScanReport report) {
        if (source.isEmpty() || SameObjects.areIn(containers, report.node().containers())) {
            return;
        }
        containers = report.node().containers();
        NodeFacts facts = report.node().facts();
        Map<Long, SortedSet<Integer>> namespaces = new TreeMap<>();
        for (ContainerView container : report.node().containers()) {
            for (AttributedProcess process : container.processes()) {
                process.process()
                        .namespaces()
                        .inode(NamespaceType.MNT)
                        .observed()
                        .filter(inode -> !facts.hostNamespace(NamespaceType.MNT)
                                .observed()
                                .equals(Optional.of(inode)))
                        .ifPresent(inode -> namespaces
                                .computeIfAbsent(inode, any -> new TreeSet<>())
                                .add(process.process().pid()));
            }
        }
        wanted = namespaces;
    }

    private void hear() throws InterruptedException {
        try (MountSource heard = source.orElseThrow()) {
            Map<Long, SortedSet<Integer>> watched = Map.of();
            long tried = System.nanoTime();
            while (thread.goesOn()) {
                Map<Long, SortedSet<Integer>> now = wanted;
                if (!now.equals(watched) || System.nanoTime() - tried > UNTIL_TRIED_AGAIN.toNanos()) {
                    Map<Long, Integer> oneOfEach = new TreeMap<>();
                    now.forEach((namespace, pids) -> oneOfEach.put(namespace, pids.first()));
                    // What was read of them before may be out of date, but nobody said that it is.
                    tell(now, heard.watch(oneOfEach), false);
                    watched = now;
                    tried = System.nanoTime();
                }
                if (tell(now, heard.next(HearingThread.LONGEST_WAIT), true)) {
                    HearingThread.gather();
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
        news.run();
        return true;
    }

    @Override
    public void close() {
        thread.close();
    }
}
