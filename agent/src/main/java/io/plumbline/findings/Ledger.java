package io.plumbline.findings;

import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.FindingsAt;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Verdict.Undetermined;
import io.plumbline.model.Versioned;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
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
 * It closes when a scan that looked there does not show it any more: a check that could not look neither opens nor closes anything. What
 * could not be looked at beside a finding either does not keep it open: what it showed was elsewhere.
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

    private final Versioned<String, Entry> open;

    /** What the last step made of all that is open. */
    private final Overview overview;

    /** When the last step was. */
    private final Optional<Instant> at;

    /** The last whole scan, which is when nearly all that is open was seen last. */
    private final Instant scanned;

    /**
     * What the next step goes on from, so that it need not go through all that is open.
     *
     * @param seen what the step was shown
     * @param unopened those of it that are not open
     * @param shown all that is open and that was shown in this run, each with any time, worst first
     * @param ofOwnTime ids of those that the last whole scan was not the last to see
     * @param hidden ids of those that are open and that the step was not shown
     */
    private record Overview(
            List<Finding> seen,
            List<Finding> unopened,
            List<Finding> shown,
            Set<String> ofOwnTime,
            Set<String> hidden) {}

    private Ledger(
            Map<String, Instant> pending,
            Versioned<String, Entry> open,
            Overview overview,
            Optional<Instant> at,
            Instant scanned) {
        this.pending = pending;
        this.open = open;
        this.overview = overview;
        this.at = at;
        this.scanned = scanned;
    }

    /** Nothing was seen yet. */
    public static Ledger empty() {
        return remembering(List.of());
    }

    /** What was open before a restart stays open if the next scan shows it, with its first sighting. */
    public static Ledger remembering(Collection<OpenFinding> remembered) {
        Map<String, Entry> open = new LinkedHashMap<>();
        remembered.forEach(finding -> open.put(finding.id(), Entry.remembered(finding)));
        Set<String> all = Set.copyOf(open.keySet());
        return new Ledger(
                Map.of(),
                Versioned.of(open),
                new Overview(List.of(), List.of(), List.of(), all, all),
                Optional.empty(),
                Instant.EPOCH);
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
        if (isAllAsSeen() && isSame(overview.seen(), report.findings())) {
            Ledger next = new Ledger(pending, open, overview, Optional.of(step), lastScan);
            return new Step(next, FindingsAt.of(overview.shown(), lastScan), List.of(), List.of(), 0, false);
        }
        Asked asked = asked(report, between.isPresent());
        Map<String, Instant> nextPending = new HashMap<>();
        Map<String, Optional<Entry>> changes = new LinkedHashMap<>();
        Set<String> shown = new HashSet<>();
        List<Finding> opened = new ArrayList<>();
        List<Finding> unopened = new ArrayList<>();
        Unread unread = new Unread(report);
        for (Finding seen : asked.seen()) {
            Entry before = open.get(seen.id());
            if (before != null) {
                if (shown.add(seen.id()) && !before.isOf(seen, between.isPresent())) {
                    Instant first = before.kept(scanned).firstSeen();
                    changes.put(
                            seen.id(),
                            Optional.of(Entry.of(
                                    seen,
                                    unread.beside(seen.container(), seen.check()),
                                    first,
                                    taken,
                                    between.isPresent())));
                }
            } else if (!unjudged.contains(seen.check())) {
                Instant firstSighting = pending.get(seen.id());
                boolean again = (firstSighting != null || seen.kind() == FindingKind.PROFILE) && between.isEmpty();
                if (again || report.announced().containsKey(seen.id())) {
                    Instant first = firstSighting == null ? taken : firstSighting;
                    Entry entry = Entry.of(
                            seen, unread.beside(seen.container(), seen.check()), first, taken, between.isPresent());
                    shown.add(seen.id());
                    changes.put(seen.id(), Optional.of(entry));
                    opened.add(entry.known());
                } else {
                    unopened.add(seen);
                    if (between.isEmpty()) {
                        nextPending.put(seen.id(), taken);
                    }
                }
            } else {
                unopened.add(seen);
            }
        }
        if (between.isPresent()) {
            pending.forEach((id, when) -> {
                if (!shown.contains(id)) {
                    nextPending.put(id, when);
                }
            });
        }
        List<OpenFinding> closed = new ArrayList<>();
        Map<String, Entry> notShown = new LinkedHashMap<>();
        for (String id : asked.mayBeOver()) {
            Entry entry = shown.contains(id) ? null : open.get(id);
            if (entry != null) {
                notShown.put(id, entry);
            }
        }
        Set<String> hidden = new HashSet<>();
        int[] lingering = {0};
        notShown.forEach((id, known) -> {
            Entry entry = known.notShownSince(at, scanned);
            OpenFinding kept = entry.kept(scanned);
            boolean unasked = unjudged.contains(kept.check())
                    || !entry.unread().containsAll(unread.instead(kept.container(), kept.check()));
            boolean lingers = !unasked
                    && between.isPresent()
                    && entry.lastShown(scanned).plus(LINGER).isAfter(between.get());
            if (unasked || lingers) {
                hidden.add(id);
                changes.put(id, Optional.of(entry));
                lingering[0] += lingers ? 1 : 0;
            } else {
                changes.put(id, Optional.empty());
                closed.add(kept);
            }
        });
        Overview after = overview(report.findings(), unopened, changes, hidden);
        return new Step(
                new Ledger(nextPending, open.with(changes), after, Optional.of(step), lastScan),
                FindingsAt.of(after.shown(), lastScan, after.ofOwnTime()),
                opened,
                closed,
                nextPending.size(),
                lingering[0] > 0);
    }

    /** What the last step was shown is open, nothing else is, and all of it was last seen by the last whole scan. */
    private boolean isAllAsSeen() {
        return pending.isEmpty()
                && overview.ofOwnTime().isEmpty()
                && open.size() == overview.seen().size();
    }

    /**
     * What a step has to look at.
     *
     * @param seen of the report
     * @param mayBeOver ids of those that the report may not show any more
     */
    private record Asked(Collection<Finding> seen, Collection<String> mayBeOver) {}

    /** After a whole scan that is everything, because it gives a time to everything. */
    private Asked asked(ScanReport report, boolean between) {
        if (between) {
            Difference difference = Difference.of(overview.seen(), report.findings());
            Set<String> mayBeOver = new LinkedHashSet<>(overview.hidden());
            difference.gone().forEach(finding -> mayBeOver.add(finding.id()));
            List<Finding> seen = new ArrayList<>(difference.come());
            for (Finding finding : overview.unopened()) {
                if (!mayBeOver.contains(finding.id())) {
                    seen.add(finding);
                }
            }
            // Else it is shown twice, and what is not asked about shows it too.
            if (seen.stream()
                    .allMatch(finding -> mayBeOver.contains(finding.id()) || !open.containsKey(finding.id()))) {
                return new Asked(seen, mayBeOver);
            }
        }
        return new Asked(report.findings(), open.keySet());
    }

    /** @param changes since the last step */
    private Overview overview(
            List<Finding> seen, List<Finding> unopened, Map<String, Optional<Entry>> changes, Set<String> hidden) {
        if (changes.isEmpty()) {
            return new Overview(seen, unopened, overview.shown(), overview.ofOwnTime(), hidden);
        }
        Set<String> ofOwnTime = new HashSet<>(overview.ofOwnTime());
        List<Finding> others = new ArrayList<>();
        changes.forEach((id, change) -> {
            ofOwnTime.remove(id);
            if (change.filter(Entry::hasOwnTime).isPresent()) {
                ofOwnTime.add(id);
            }
            change.flatMap(Entry::shownLast).ifPresent(others::add);
        });
        List<Finding> same = new ArrayList<>(overview.shown().size());
        for (Finding finding : overview.shown()) {
            if (!changes.containsKey(finding.id())) {
                same.add(finding);
            }
        }
        return new Overview(seen, unopened, List.copyOf(Findings.merged(same, others)), Set.copyOf(ofOwnTime), hidden);
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
     * @param unread what the check could not look at when it was shown: what it showed was elsewhere
     * @param hasOwnTime it was last seen when {@code shown} says, and not by the last whole scan: it was only remembered, or not shown since,
     *     or by a look between scans
     * @param hiddenSince when the last step was before the first that did not show it; empty if the last one did
     */
    private record Entry(
            @Nullable OpenFinding remembered,
            @Nullable Finding shown,
            @Nullable Finding of,
            Set<Undetermined> unread,
            boolean hasOwnTime,
            Optional<Instant> hiddenSince) {

        static Entry remembered(OpenFinding finding) {
            return new Entry(finding, null, null, Set.of(), true, Optional.empty());
        }

        static Entry of(Finding seen, Set<Undetermined> unread, Instant first, Instant last, boolean between) {
            return new Entry(null, seen.during(first, last), seen, unread, between, Optional.empty());
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
                    : new Entry(remembered, shown == null ? null : at(scanned), of, unread, true, lastStep);
        }

        Instant lastShown(Instant scanned) {
            return hiddenSince.orElseGet(() -> kept(scanned).lastSeen());
        }
    }
}
