package io.plumbline.kernel;

import io.plumbline.model.ProfileEvents;
import io.plumbline.model.ProfileEvents.Deed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts the events of one log, line by line in its order, for each profile from the line of its last load on. */
final class EventTally {

    private static final int MOST_DEEDS = 1000;
    private static final int SHOWN_DEEDS = 5;

    /** Clocks are set; a load in the first seconds of a boot is of that boot. */
    private static final long SLACK_SECONDS = 5;

    private final String source;
    private final Instant boot;
    private final Map<String, Count> counts = new TreeMap<>();
    private @Nullable String trouble;
    private @Nullable Instant first;

    EventTally(String source, Collection<String> names, Instant boot) {
        this.source = source;
        this.boot = boot;
        names.forEach(name -> counts.put(name, new Count()));
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

        void add(AppArmorEvent event) {
            boolean passed = event.verdict().equals("ALLOWED");
            if (!passed && !event.verdict().equals("DENIED")) {
                return;
            }
            allowed += passed ? 1 : 0;
            denied += passed ? 0 : 1;
            Deed deed = new Deed(event.operation(), event.object(), event.requested(), event.command(), 0);
            if (deeds.size() < MOST_DEEDS || deeds.containsKey(deed)) {
                deeds.merge(deed, 1L, Long::sum);
            }
        }
    }

    void add(AppArmorEvent event) {
        if (first == null) {
            first = event.at();
        }
        // What is of an earlier boot says nothing of the policy of this one.
        if (event.at().isBefore(boot.minusSeconds(SLACK_SECONDS))) {
            return;
        }
        counts.forEach((name, count) -> {
            if (event.loads(name)) {
                count.begin(event.at());
            } else if (event.isUnder(name)) {
                count.add(event);
            }
        });
    }

    /** Some lines are missing from here. */
    void lost() {
        counts.values().forEach(count -> count.whole = false);
    }

    /** The log could not be read, or not to its end: then nothing in it is known to be all. */
    void failed(String why) {
        trouble = why;
    }

    Optional<ProfileEvents> of(String name) {
        Count count = counts.get(name);
        if (trouble != null || count == null || count.since == null) {
            return Optional.empty();
        }
        List<Deed> most = new ArrayList<>();
        count.deeds.forEach((deed, times) ->
                most.add(new Deed(deed.operation(), deed.object(), deed.requested(), deed.command(), times)));
        most.sort(Comparator.comparingLong(Deed::times).reversed());
        return Optional.of(new ProfileEvents(
                source,
                count.since,
                count.allowed,
                count.denied,
                count.whole,
                most.subList(0, Math.min(SHOWN_DEEDS, most.size()))));
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
