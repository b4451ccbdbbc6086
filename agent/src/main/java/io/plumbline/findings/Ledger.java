package io.plumbline.findings;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.FindingsAt;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Findings over time: which are open, and what opens and closes from one scan to the next. A value; a step makes the next one.
 *
 * <p>A finding opens on the second consecutive scan that shows it, so that what a container does while it starts is none; at once if the
 * kernel itself told of its process; about an AppArmor profile on the first, because a profile does not start, and is loaded again soon.
 * It closes when a scan that looked there does not show it any more: a check that could not look neither opens nor closes anything.
 *
 * <p>Between scans some processes are read again. What such a look shows without an event is left to the next scan; what it does not show
 * any more closes when it was not shown for a while, because a program that starts another each moment would open and close a
 * finding with each.
 */
public final class Ledger {

    /** How long a finding that a look between scans does not show any more stays open. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    /** Shown once; the next scan decides. */
    private final Map<String, Instant> pending;

    private final Map<String, Entry> open;

    /** When the last step was. */
    private final Optional<Instant> at;

    /** The last whole scan, which is when nearly all that is open was seen last. */
    private final Instant scanned;

    /** Null unless what the last step was shown is open, nothing else is, and all of it was last seen by the last whole scan. */
    private final @Nullable Shown shown;

    /**
     * What a step was shown.
     *
     * @param open the same as it was opened, with any time
     */
    private record Shown(List<Finding> seen, List<Finding> open) {}

    private Ledger(
            Map<String, Instant> pending,
            Map<String, Entry> open,
            Optional<Instant> at,
            Instant scanned,
            @Nullable Shown shown) {
        this.pending = pending;
        this.open = open;
        this.at = at;
        this.scanned = scanned;
        this.shown = shown;
    }

    /** Nothing was seen yet. */
    public static Ledger empty() {
        return remembering(List.of());
    }

    /** What was open before a restart stays open if the next scan shows it, with its first sighting. */
    public static Ledger remembering(Collection<OpenFinding> remembered) {
        Map<String, Entry> open = new LinkedHashMap<>();
        remembered.forEach(finding -> open.put(finding.id(), Entry.remembered(finding)));
        return new Ledger(Map.of(), open, Optional.empty(), Instant.EPOCH, null);
    }

    /** What is to be remembered. */
    public List<OpenFinding> open() {
        return open.values().stream().map(entry -> entry.kept(scanned)).toList();
    }

    /**
     * Takes in what a whole scan shows.
     *
     * @param unjudged checks whose answer this scan cannot know, because what they compare with is out of date: for those nothing new is
     *     believed, and what is open stays
     */
    public Step step(ScanReport report, Set<String> unjudged) {
        return step(report, unjudged, Optional.empty());
    }

    /**
     * Takes in what a look between scans shows.
     *
     * @param unjudged as for a whole scan
     * @param now by the clock of the report
     */
    public Step stepBetween(ScanReport report, Set<String> unjudged, Instant now) {
        return step(report, unjudged, Optional.of(now));
    }

    private Step step(ScanReport report, Set<String> unjudged, Optional<Instant> between) {
        Instant taken = report.node().facts().takenAt();
        Instant step = between.orElse(taken);
        Instant lastScan = between.isPresent() ? scanned : taken;
        if (shown != null && isSame(shown.seen(), report.findings())) {
            Ledger next = new Ledger(pending, open, Optional.of(step), lastScan, shown);
            return new Step(next, FindingsAt.of(shown.open(), lastScan), List.of(), List.of(), 0, false);
        }
        Map<String, Instant> nextPending = new HashMap<>();
        Map<String, Entry> nextOpen = new LinkedHashMap<>(2 * open.size());
        List<Finding> opened = new ArrayList<>();
        List<Finding> nextShown = new ArrayList<>(report.findings().size());
        int shownAgain = 0;
        for (Finding seen : report.findings()) {
            Entry before = open.get(seen.id());
            if (before != null) {
                Entry entry = before.isOf(seen, between.isPresent())
                        ? before
                        : Entry.of(seen, before.kept(scanned).firstSeen(), taken, between.isPresent());
                if (nextOpen.put(seen.id(), entry) == null) {
                    nextShown.add(entry.known());
                    shownAgain++;
                }
            } else if (!unjudged.contains(seen.check())) {
                Instant firstSighting = pending.get(seen.id());
                boolean again = (firstSighting != null || seen.kind() == FindingKind.PROFILE) && between.isEmpty();
                if (again || report.announced().containsKey(seen.id())) {
                    Instant first = firstSighting == null ? taken : firstSighting;
                    Entry entry = Entry.of(seen, first, taken, between.isPresent());
                    nextOpen.put(seen.id(), entry);
                    nextShown.add(entry.known());
                    opened.add(entry.known());
                } else if (between.isEmpty()) {
                    nextPending.put(seen.id(), taken);
                }
            }
        }
        if (between.isPresent()) {
            pending.forEach((id, at) -> {
                if (!nextOpen.containsKey(id)) {
                    nextPending.put(id, at);
                }
            });
        }
        List<OpenFinding> closed = new ArrayList<>();
        List<Map.Entry<String, Entry>> notShown = shownAgain == open.size()
                ? List.of()
                : open.entrySet().stream()
                        .filter(entry -> !nextOpen.containsKey(entry.getKey()))
                        .toList();
        Set<Place> unseen = notShown.isEmpty() ? Set.of() : undetermined(report, notShown);
        int[] lingering = {0};
        notShown.forEach(one -> {
            String id = one.getKey();
            Entry entry = one.getValue().notShownSince(at, scanned);
            OpenFinding kept = entry.kept(scanned);
            if (unjudged.contains(kept.check()) || unseen.contains(Place.of(kept.container(), kept.check()))) {
                nextOpen.put(id, entry);
                entry.shownLast().ifPresent(nextShown::add);
            } else if (between.isPresent()
                    && entry.lastShown(scanned).plus(LINGER).isAfter(between.get())) {
                nextOpen.put(id, entry);
                entry.shownLast().ifPresent(nextShown::add);
                lingering[0]++;
            } else {
                closed.add(kept);
            }
        });
        // A report's findings are in order.
        if (!notShown.isEmpty()) {
            nextShown.sort(Findings.WORST_FIRST);
        }
        List<Finding> openNow = List.copyOf(nextShown);
        Set<String> ofOwnTime = new HashSet<>();
        nextOpen.forEach((id, entry) -> {
            if (entry.hasOwnTime()) {
                ofOwnTime.add(id);
            }
        });
        boolean isAllOfIt =
                nextPending.isEmpty() && nextOpen.size() == report.findings().size();
        Ledger next = new Ledger(
                nextPending,
                nextOpen,
                Optional.of(step),
                lastScan,
                ofOwnTime.isEmpty() && isAllOfIt ? new Shown(report.findings(), openNow) : null);
        return new Step(
                next,
                FindingsAt.of(openNow, lastScan, ofOwnTime),
                opened,
                closed,
                nextPending.size(),
                lingering[0] > 0);
    }

    /** Where the report's checks could not look, of those whom some findings are about. */
    private static Set<Place> undetermined(ScanReport report, List<Map.Entry<String, Entry>> findings) {
        // Names may be others by now.
        Set<String> whom = new HashSet<>();
        findings.forEach(finding -> whom.add(finding.getValue().container().containerId()));
        Set<Place> places = new HashSet<>();
        for (ContainerReport container : report.containers()) {
            ContainerIdentity identity = container.view().identity();
            if (whom.contains(identity.containerId())) {
                for (Verdict verdict : container.all()) {
                    if (verdict.outcome() == Outcome.UNDETERMINED) {
                        places.add(Place.of(identity, verdict.check()));
                    }
                }
            }
        }
        return places;
    }

    /**
     * What one scan changed.
     *
     * @param next the ledger after it
     * @param open all open findings, worst first; one that was open before a restart and could not be looked at since is in {@code next}
     *     alone, because nothing but its name is known
     * @param opened those of {@code open} that were not open before
     * @param closed those that are not open any more, as they were last seen
     * @param pending how many were seen for the first time
     * @param lingering some are open although they are not shown any more, and close if that stays so
     */
    public record Step(
            Ledger next,
            List<Finding> open,
            List<Finding> opened,
            List<OpenFinding> closed,
            int pending,
            boolean lingering) {
        public Step {
            open = FindingsAt.copyOf(open);
            opened = List.copyOf(opened);
            closed = List.copyOf(closed);
        }
    }

    /** The very same findings as those that made a step: what is made of the same is the same list. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(List<Finding> before, List<Finding> now) {
        return before == now;
    }

    /**
     * An open finding.
     *
     * @param remembered from an earlier run; null once it was shown
     * @param shown as a look of this run showed it first, or since it is otherwise; null while it is only remembered
     * @param of what the look showed; null as above
     * @param hasOwnTime it was last seen when {@code shown} says, and not by the last whole scan: it was only remembered, or not shown since,
     *     or by a look between scans
     * @param hiddenSince when the last step was before the first that did not show it; empty if the last one did
     */
    private record Entry(
            @Nullable OpenFinding remembered,
            @Nullable Finding shown,
            @Nullable Finding of,
            boolean hasOwnTime,
            Optional<Instant> hiddenSince) {

        static Entry remembered(OpenFinding finding) {
            return new Entry(finding, null, null, true, Optional.empty());
        }

        static Entry of(Finding seen, Instant first, Instant last, boolean between) {
            return new Entry(null, seen.during(first, last), seen, between, Optional.empty());
        }

        /** Was the very same shown the last time? Then nobody has looked at it since, or nothing but the time of the last scan is another. */
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(Finding seen, boolean between) {
            return seen == of && (between ? hiddenSince.isEmpty() : !hasOwnTime);
        }

        Finding known() {
            return Objects.requireNonNull(shown, "shown in this run");
        }

        /** With any time. */
        Optional<Finding> shownLast() {
            return Optional.ofNullable(shown);
        }

        ContainerIdentity container() {
            return remembered == null ? known().container() : remembered.container();
        }

        /** @param scanned when everything was looked at last */
        Finding at(Instant scanned) {
            return hasOwnTime ? known() : known().during(known().firstSeen(), scanned);
        }

        /** What is to be remembered; parameter as above. */
        OpenFinding kept(Instant scanned) {
            return remembered == null ? OpenFinding.of(at(scanned)) : remembered;
        }

        /** @param lastStep when there was one */
        Entry notShownSince(Optional<Instant> lastStep, Instant scanned) {
            return hiddenSince.isPresent()
                    ? this
                    : new Entry(remembered, shown == null ? null : at(scanned), of, true, lastStep);
        }

        Instant lastShown(Instant scanned) {
            return hiddenSince.orElseGet(() -> kept(scanned).lastSeen());
        }
    }

    /** A container and what is asked of it: what an id is made of, apart from the node. */
    private record Place(String podUid, Optional<String> container, String containerId, String check) {
        static Place of(ContainerIdentity identity, String check) {
            return new Place(identity.podUid(), identity.container(), identity.containerId(), check);
        }
    }
}
