package io.plumbline.report;

import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.Reading;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Undetermined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one check could not look at in one container, for one reason.
 *
 * @param source the file of the first process that it concerns
 * @param count how many processes or files it concerns
 */
record Gap(String check, ContainerIdentity container, String source, String why, int count) {

    /** What stands for the check where a whole process could not be looked at. */
    static final String EVERY_CHECK = "every check";

    private static final String PROFILES = "profile-content";

    private static final ContainerIdentity NOBODY = new ContainerIdentity("", "", "", Optional.empty(), "", "");

    /** Of the node itself: neither of a container nor of a process of which nothing is known. */
    boolean isOfNode() {
        return container.equals(NOBODY) && !check.equals(EVERY_CHECK);
    }

    private record Key(String check, ContainerIdentity container, String kind, String why) {}

    static List<Gap> of(ScanReport report) {
        Map<Key, Gap> gaps = new LinkedHashMap<>();
        for (Reading.Unreadable<ProcessKey> unseen : report.unseen()) {
            String kind = unseen.source().substring(unseen.source().lastIndexOf('/') + 1);
            count(gaps, new Key(EVERY_CHECK, NOBODY, kind, unseen.why()), unseen.source());
        }
        for (ContainerReport container : report.containers()) {
            ContainerIdentity identity = container.view().identity();
            if (report.declared().isEmpty() && container.view().declaration() instanceof Declaration.OfNobody) {
                String why = "no bundle of it in "
                        + String.join(", ", report.inventory().searched());
                count(gaps, new Key(EVERY_CHECK, identity, "config.json", why), "config.json");
            }
            for (Verdict verdict : container.all()) {
                for (Undetermined undetermined : verdict.undetermined()) {
                    // The same file of another process is the same gap.
                    String kind = undetermined.pid() == 0
                            ? undetermined.source()
                            : undetermined
                                    .source()
                                    .substring(undetermined.source().lastIndexOf('/') + 1);
                    count(gaps, new Key(verdict.check(), identity, kind, undetermined.why()), undetermined.source());
                }
            }
        }
        for (Verdict verdict : report.ofNode()) {
            for (Undetermined undetermined : verdict.undetermined()) {
                count(
                        gaps,
                        new Key(verdict.check(), NOBODY, undetermined.source(), undetermined.why()),
                        undetermined.source());
            }
        }
        AppArmorProfiles profiles = report.node().profiles();
        profiles.trouble()
                .forEach(error -> count(gaps, new Key(PROFILES, NOBODY, error.file(), error.text()), error.file()));
        for (Profile profile : profiles.profiles()) {
            if (profile.state() == State.UNVERIFIED && profile.hash() instanceof Reading.Unreadable<String> hash) {
                count(gaps, new Key(PROFILES, NOBODY, profile.name(), hash.why()), hash.source());
            }
        }
        return new ArrayList<>(gaps.values());
    }

    private static void count(Map<Key, Gap> gaps, Key key, String source) {
        gaps.merge(
                key,
                new Gap(key.check(), key.container(), source, key.why(), 1),
                (one, other) -> new Gap(one.check(), one.container(), one.source(), one.why(), one.count() + 1));
    }
}
