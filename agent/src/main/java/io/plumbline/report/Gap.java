package io.plumbline.report;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Undetermined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one check could not look at in one container, for one reason.
 *
 * @param source the file of the first process that it concerns
 * @param count how many processes or files it concerns
 */
record Gap(String check, ContainerIdentity container, String source, String why, int count) {

    private record Key(String check, ContainerIdentity container, String kind, String why) {}

    static List<Gap> of(ScanReport report) {
        Map<Key, Gap> gaps = new LinkedHashMap<>();
        for (ContainerReport container : report.containers()) {
            ContainerIdentity identity = container.view().identity();
            for (Verdict verdict : container.verdicts()) {
                for (Undetermined undetermined : verdict.undetermined()) {
                    // The same file of another process is the same gap.
                    String kind = undetermined.pid() == 0
                            ? undetermined.source()
                            : undetermined
                                    .source()
                                    .substring(undetermined.source().lastIndexOf('/') + 1);
                    gaps.merge(
                            new Key(verdict.check(), identity, kind, undetermined.why()),
                            new Gap(verdict.check(), identity, undetermined.source(), undetermined.why(), 1),
                            (one, other) ->
                                    new Gap(one.check(), one.container(), one.source(), one.why(), one.count() + 1));
                }
            }
        }
        return new ArrayList<>(gaps.values());
    }
}
