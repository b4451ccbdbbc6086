package io.plumbline.scan;

import io.plumbline.checks.Check;
import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.drift.DriftChecks;
import io.plumbline.checks.inert.InertDeclarationCheck;
import io.plumbline.checks.node.NodeChecks;
import io.plumbline.checks.policy.BeyondStandards;
import io.plumbline.checks.policy.PolicyCheck;
import io.plumbline.checks.policy.PolicyChecks;
import io.plumbline.checks.profile.ProfileChecks;
import java.util.List;
import java.util.stream.Stream;

/** Every check there is, in the order in which people read them. */
public final class Catalogue {

    private Catalogue() {}

    /** Those that a scan of a node asks, whatever policy is in force. */
    static List<Check> ofScan() {
        return Stream.of(
                        DriftChecks.all().stream(),
                        Stream.of(new InertDeclarationCheck()),
                        NodeChecks.all().stream(),
                        ProfileChecks.all().stream())
                .<Check>flatMap(checks -> checks)
                .toList();
    }

    /** What each says of itself: the one source of {@code plumbline explain}, of the API's catalogue and of the pages in docs. */
    public static List<CheckDescription> descriptions() {
        return Stream.of(
                        ofScan().stream().map(Check::description),
                        PolicyChecks.all().stream().map(PolicyCheck::description),
                        BeyondStandards.descriptions().stream())
                .flatMap(checks -> checks)
                .toList();
    }
}
