package io.plumbline.metrics;

import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What AppArmor profiles denied. Those that happened most have a series of their own, as far as they were distributed from here, whose names
 * were checked; the others share one.
 */
final class ProfileEventSeries {

    /** Each has two. */
    static final int MOST_PROFILES = 8;

    private static final String OTHER = "other";

    private ProfileEventSeries() {}

    static List<MetricSnapshot> of(List<Profile> profiles) {
        Comparator<Profile> most =
                Comparator.comparingLong(ProfileEventSeries::times).reversed();
        Set<String> own = new HashSet<>();
        profiles.stream()
                .filter(Profile::isWanted)
                .sorted(most.thenComparing(Profile::name))
                .limit(MOST_PROFILES)
                .forEach(profile -> own.add(profile.name()));
        Map<String, Long> allowed = new TreeMap<>();
        Map<String, Long> denied = new TreeMap<>();
        long uncounted = 0;
        for (Profile profile : profiles) {
            if (profile.events() instanceof Reading.Observed<ProfileEvents> seen) {
                String name = own.contains(profile.name()) ? profile.name() : OTHER;
                allowed.merge(name, seen.value().allowed(), Long::sum);
                denied.merge(name, seen.value().denied(), Long::sum);
            } else if (profile.events() instanceof Reading.Unreadable<ProfileEvents>) {
                uncounted++;
            }
        }
        GaugeSnapshot.Builder events = GaugeSnapshot.builder()
                .name("plumbline_apparmor_events")
                .help(
                        "Events that the log shows for each AppArmor profile since it was loaded, at least: denied, or allowed"
                                + " only by complain mode.");
        allowed.forEach((name, times) -> events.dataPoint(point(times, name, "allowed")));
        denied.forEach((name, times) -> events.dataPoint(point(times, name, "denied")));
        GaugeSnapshot.Builder without = GaugeSnapshot.builder()
                .name("plumbline_apparmor_profiles_uncounted")
                .help("Loaded AppArmor profiles whose events no log shows.")
                .dataPoint(GaugeDataPointSnapshot.builder()
                        .value((double) uncounted)
                        .labels(Labels.EMPTY)
                        .build());
        return List.of(events.build(), without.build());
    }

    private static long times(Profile profile) {
        return profile.events()
                .observed()
                .map(seen -> seen.allowed() + seen.denied())
                .orElse(0L);
    }

    private static GaugeDataPointSnapshot point(long times, String profile, String verdict) {
        return GaugeDataPointSnapshot.builder()
                .value((double) times)
                .labels(Labels.of("profile", profile, "verdict", verdict))
                .build();
    }
}
