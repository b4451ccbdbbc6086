package io.plumbline.serve;

import io.plumbline.model.EventBatch;
import io.plumbline.model.Occasion;
import io.plumbline.model.Occasion.Witness;
import io.plumbline.model.ProcessEvent;
import io.plumbline.model.Versioned;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel told of processes, gathered until somebody looks: which to read again, and of whom what is read can be believed at
 * once. Any thread.
 *
 * <p>Of a process that comes and goes between two looks nothing is left. So what is kept is bounded by the processes that live, and by
 * {@link #MOST} where even those are too many, or where their end was lost: then everything is forgotten, and a scan wanted.
 */
final class Changes {

    /** Of each kind of what is kept. */
    static final int MOST = 65_536;

    /** A process that was born and did not run another program is what it is after this. */
    static final Duration RIPE = Duration.ofSeconds(2);

    /**
     * So long a look waits that nobody is in a hurry for: who has ended is found to be so with what comes next, and of who is being set up
     * nothing is judged before his exec. A program that is run in a container and ends, as a probe does, is then looked at twice.
     */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    /** Of two events of different ways the later one may be told so much earlier. */
    private static final Duration UNORDERED = Duration.ofSeconds(1);

    private final Set<Integer> changed = new HashSet<>();
    /** Those of them that may be out of true now. */
    private final Set<Integer> urgent = new HashSet<>();

    /** Of the events' clock: since when somebody is in {@code changed}. */
    private long waitingSince;

    /** What was told of processes until the last look began. */
    private Versioned<Integer, Witness> toldBefore = Versioned.of(Map.of());

    /** And since; empty for those of {@code toldBefore} that are over. */
    private final Map<Integer, Optional<Witness>> toldSince = new HashMap<>();

    /** Born, without an exec since; oldest first. */
    private final Map<Integer, Instant> young = new LinkedHashMap<>();
    /** Born since, and in no look: nobody has read them. */
    private final Set<Integer> unread = new HashSet<>();

    /** Of whom no event tells: whose mounts or cgroup changed since the last look began, and when. */
    private final Map<Integer, Instant> silent = new HashMap<>();

    /** What is being looked at; wanted again if that fails. */
    private Set<Integer> changedInHand = Set.of();

    private Map<Integer, Instant> silentInHand = Map.of();
    private boolean scanInHand;

    private final Sightings sightings = new Sightings();
    private final LongSupplier clock;

    private boolean scanWanted;
    private long lost;

    Changes() {
        this(System::nanoTime);
    }

    /** @param clock that of the events, in nanoseconds: CLOCK_MONOTONIC */
    Changes(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Takes in what was told.
     *
     * @param now the wall clock
     * @param monotonicNanos the clock of the events, at the same moment
     */
    synchronized void add(EventBatch batch, Instant now, long monotonicNanos) {
        for (ProcessEvent event : batch.events()) {
            add(event, now, monotonicNanos);
        }
        long told = batch.events().isEmpty()
                ? monotonicNanos
                : batch.events().get(batch.events().size() - 1).monotonicNanos();
        sightings.forgetBefore(told - UNORDERED.toNanos());
        if (batch.lost() > 0) {
            lost += batch.lost();
            forget();
        }
        if (changed.size() > MOST
                || toldBefore.size() + toldSince.size() > MOST
                || young.size() > MOST
                || unread.size() > MOST) {
            forget();
        }
        ripen(now);
    }

    private void add(ProcessEvent event, Instant now, long monotonicNanos) {
        Integer pid = event.pid();
        switch (event.kind()) {
            case FORK -> {
                boolean mayBeRead = forgetEarlier(event);
                young.put(pid, timeOf(event, now, monotonicNanos));
                if (!mayBeRead) {
                    unread.add(pid);
                }
            }
            case EXEC -> {
                young.remove(pid);
                toldSince.put(pid, Optional.of(new Witness(timeOf(event, now, monotonicNanos), true)));
                change(pid, true);
            }
            case CREDENTIALS -> {
                boolean isYoung = young.containsKey(pid);
                if (!isYoung) {
                    Witness before = witness(pid);
                    Instant at = timeOf(event, now, monotonicNanos);
                    // It is told by another way than the rest, perhaps after what followed it.
                    if (before == null || at.isAfter(before.at())) {
                        toldSince.put(pid, Optional.of(new Witness(at, before != null && before.settled())));
                    }
                }
                change(pid, !isYoung);
            }
            case EXIT -> {
                boolean neverRead = unread.contains(pid);
                forgetOf(pid);
                if (!neverRead) {
                    change(pid, false);
                }
            }
            case LIFE -> {
                if (forgetEarlier(event)) {
                    change(pid, false);
                }
            }
        }
    }

    private void change(Integer pid, boolean urgently) {
        if (changed.isEmpty()) {
            waitingSince = clock.getAsLong();
        }
        changed.add(pid);
        if (urgently) {
            urgent.add(pid);
        }
    }

    /**
     * Somebody was born: all that is known of his number is of another. What was read of that one is still to be read again.
     *
     * @return whether he may have been read himself
     */
    private boolean forgetEarlier(ProcessEvent birth) {
        Integer pid = birth.pid();
        boolean pending = changed.contains(pid);
        forgetOf(pid);
        if (pending) {
            change(pid, false);
        }
        return pending || sightings.mayBeOf(pid, birth.monotonicNanos());
    }

    private static Instant timeOf(ProcessEvent event, Instant now, long monotonicNanos) {
        return now.minusNanos(Math.max(0, monotonicNanos - event.monotonicNanos()));
    }

    /**
     * The mounts that these processes see may have changed.
     *
     * @param at when they did; empty where that is not known
     */
    synchronized void addMounts(Set<Integer> pids, Optional<Instant> at) {
        addSilent(pids, at);
    }

    /**
     * These processes came into another cgroup.
     *
     * @param at when they did
     */
    synchronized void addMoved(Set<Integer> pids, Instant at) {
        addSilent(pids, Optional.of(at));
    }

    /** These were too young when they were read, and are not any more. Of whom enough was told to believe him, nothing is wanted. */
    synchronized void addGrown(Set<Integer> pids) {
        for (Integer pid : pids) {
            Witness witness = witness(pid);
            if (!young.containsKey(pid) && (witness == null || !witness.settled())) {
                change(pid, true);
            }
        }
    }

    private void addSilent(Set<Integer> pids, Optional<Instant> at) {
        pids.forEach(pid -> change(pid, !young.containsKey(pid)));
        at.ifPresent(when -> pids.forEach(pid -> silent.put(pid, when)));
    }

    private @Nullable Witness witness(Integer pid) {
        Optional<Witness> since = toldSince.get(pid);
        return since == null ? toldBefore.get(pid) : since.orElse(null);
    }

    private void forgetOf(Integer pid) {
        changed.remove(pid);
        urgent.remove(pid);
        toldSince.remove(pid);
        if (toldBefore.containsKey(pid)) {
            toldSince.put(pid, Optional.empty());
        }
        young.remove(pid);
        unread.remove(pid);
        silent.remove(pid);
    }

    private void forget() {
        changed.clear();
        urgent.clear();
        toldBefore = Versioned.of(Map.of());
        toldSince.clear();
        young.clear();
        unread.clear();
        silent.clear();
        scanWanted = true;
    }

    /** The newborn of some time ago will not run another program soon: what they are now is theirs. */
    private void ripen(Instant now) {
        Iterator<Map.Entry<Integer, Instant>> oldest = young.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<Integer, Instant> born = oldest.next();
            if (born.getValue().plus(RIPE).isAfter(now)) {
                return;
            }
            oldest.remove();
            toldSince.put(born.getKey(), Optional.of(new Witness(born.getValue(), true)));
            change(born.getKey(), true);
        }
    }

    /** Is there something to look at, now? What can wait is asked for again, soon. */
    synchronized boolean isDue() {
        return !urgent.isEmpty() || (!changed.isEmpty() && clock.getAsLong() - waitingSince >= PATIENCE.toNanos());
    }

    /** Was something lost, that only a scan can find? */
    synchronized boolean isScanWanted() {
        return scanWanted;
    }

    /** How many events were lost in all. */
    synchronized long lost() {
        return lost;
    }

    /** Begins a look at what changed, until {@link #endLook}. */
    synchronized Occasion beginLook() {
        Occasion occasion = begin(false);
        sightings.beginLook(changedInHand);
        return occasion;
    }

    /** Begins a look at everything, until {@link #endLook}. */
    synchronized Occasion beginScan() {
        Occasion occasion = begin(true);
        scanWanted = false;
        unread.clear();
        sightings.beginScan();
        return occasion;
    }

    private Occasion begin(boolean everything) {
        toldBefore = toldBefore.with(toldSince);
        toldSince.clear();
        Map<Integer, Optional<Witness>> silently = new HashMap<>();
        // What somebody young sees of mounts, its runtime is still at work on, and it moves him too.
        silent.forEach((pid, at) -> {
            if (!young.containsKey(pid)) {
                Witness before = toldBefore.get(pid);
                silently.put(pid, Optional.of(new Witness(at, before != null && before.settled())));
            }
        });
        Occasion occasion = new Occasion(everything, changed, toldBefore.with(silently));
        changedInHand = Set.copyOf(changed);
        silentInHand = Map.copyOf(silent);
        scanInHand = scanWanted;
        unread.removeAll(changed);
        changed.clear();
        urgent.clear();
        silent.clear();
        return occasion;
    }

    /** What is born from now on nobody has read. */
    synchronized void endLook() {
        sightings.end(clock.getAsLong());
        changedInHand = Set.of();
        silentInHand = Map.of();
    }

    /** Ends a look that saw nothing: what it was begun for is still to be looked at. */
    synchronized void takeBack() {
        changed.addAll(changedInHand);
        urgent.addAll(changedInHand);
        silentInHand.forEach(silent::putIfAbsent);
        scanWanted |= scanInHand;
        endLook();
        if (changed.size() > MOST) {
            forget();
        }
    }
}
