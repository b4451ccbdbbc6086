package io.plumbline.kernel;

import io.plumbline.model.ProfileEvents;
import io.plumbline.model.ProfileEvents.Deed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts the events of one log, line by line in its order, for each profile with its children from the line of its last load on. How much it
 * keeps is bounded, whatever stands in the log.
 */
final class EventTally {

    private static final int MOST_PROFILES = 10_000;
    private static final int SHOWN_DEEDS = 5;
    private static final int LONGEST_WORD = 1000;

    /** Clocks are set; a load in the first seconds of a boot is of that boot. */
    private static final long SLACK_SECONDS = 5;

    private final String source;
    private final Instant boot;
    private final int mostDeeds;
    private final Map<String, Count> counts = new HashMap<>();
    private @Nullable String trouble;
    private @Nullable Instant first;
    private Instant last = Instant.EPOCH;
    private boolean unsure;

    /** @param mostDeeds how many different ones are kept of each profile */
    EventTally(String source, Instant boot, int mostDeeds) {
        this.source = source;
        this.boot = boot;
        this.mostDeeds = mostDeeds;
    }

    private static final class Count {
        private @Nullable Instant since;
        private long allowed;
        private long denied;
        private boolean whole;
        private final Map<Deed, Long> deeds = new LinkedHashMap<>();

        void begin(Instant at) {
            since = at;
            allowed = 0;
            denied = 0;
            whole = true;
            deeds.clear();
        }

        void add(AppArmorEvent event, int mostDeeds) {
            boolean passed = event.isAllowed();
            allowed += passed ? 1 : 0;
            denied += passed ? 0 : 1;
            if (mostDeeds > 0) {
                Deed deed = new Deed(
                        cut(event.operation()), cut(event.object()), cut(event.requested()), cut(event.command()), 0);
                if (deeds.size() < mostDeeds || deeds.containsKey(deed)) {
                    deeds.merge(deed, 1L, Long::sum);
                }
            }
        }

        private static String cut(String word) {
            return word.length() <= LONGEST_WORD ? word : word.substring(0, LONGEST_WORD);
        }
    }

    void add(AppArmorEvent event) {
        // What is of an earlier boot says nothing of the policy of this one.
        if (event.at().isBefore(boot.minusSeconds(SLACK_SECONDS))) {
            return;
        }
        if (first == null) {
            first = event.at();
        }
        if (event.inNamespace()) {
            return;
        }
        if (event.isLoad()) {
            if (!event.profile().contains("//")) {
                count(event.profile()).ifPresent(count -> count.begin(event.at()));
            }
        } else if (event.isAllowed() || event.isDenied()) {
            count(top(event.profile())).ifPresent(count -> count.add(event, mostDeeds));
        }
    }

    /** Children, and what a complaining profile has learned, stand below it. */
    private static String top(String profile) {
        int child = profile.indexOf("//");
        return child < 0 ? profile : profile.substring(0, child);
    }

    /** Names are of loaded profiles, which only root makes. */
    private Optional<Count> count(String name) {
        if (name.isEmpty() || name.length() > LONGEST_WORD) {
            return Optional.empty();
        }
        Count count = counts.get(name);
        if (count == null && counts.size() < MOST_PROFILES) {
            count = new Count();
            counts.put(name, count);
        }
        return Optional.ofNullable(count);
    }

    /** Something was written here then, whatever it was. */
    void wroteAt(Instant at) {
        if (at.isAfter(last)) {
            last = at;
        }
    }

    /** Some lines are missing from here. */
    void lost() {
        counts.values().forEach(count -> count.whole = false);
    }

    /** Something that was to be written here at that time is missing. */
    void lostAt(Instant at) {
        for (Count count : counts.values()) {
            if (count.since != null && count.since.isBefore(at)) {
                count.whole = false;
            }
        }
    }

    /** At the end of what was read: may there be more, and did not come here? */
    void unsure(boolean possible) {
        unsure = possible;
    }

    /** The log could not be read, or not to its end: then nothing in it is known to be all. */
    void failed(String why) {
        trouble = why;
    }

    boolean hasFailed() {
        return trouble != null;
    }

    /**
     * What was counted of a profile, if this log shows its load.
     *
     * @param other where the kernel may have sent a part of it
     */
    Optional<ProfileEvents> of(String name, EventTally other) {
        Count count = counts.get(name);
        if (trouble != null || count == null || count.since == null) {
            return Optional.empty();
        }
        boolean elsewhere = !other.last.isBefore(count.since);
        return Optional.of(events(count, count.since, count.whole && !unsure && !elsewhere));
    }

    /** What was counted of a profile whose load this log does not show: at least so much; empty if nothing was. */
    Optional<ProfileEvents> atLeast(String name) {
        Count count = counts.get(name);
        if (trouble != null || first == null || count == null || count.allowed + count.denied == 0) {
            return Optional.empty();
        }
        return Optional.of(events(count, first, false));
    }

    private ProfileEvents events(Count count, Instant since, boolean whole) {
        List<Deed> most = new ArrayList<>();
        count.deeds.forEach((deed, times) ->
                most.add(new Deed(deed.operation(), deed.object(), deed.requested(), deed.command(), times)));
        most.sort(Comparator.comparingLong(Deed::times).reversed());
        return new ProfileEvents(
                source, since, count.allowed, count.denied, whole, most.subList(0, Math.min(SHOWN_DEEDS, most.size())));
    }

    /** Why there is no answer. */
    String why() {
        return source + ": "
                + (trouble != null
                        ? trouble
                        : first == null
                                ? "holds nothing of AppArmor's"
                                : "begins at " + first + " and has no line of the profile's load");
    }
}
