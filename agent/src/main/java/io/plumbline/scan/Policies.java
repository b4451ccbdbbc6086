package io.plumbline.scan;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.PolicyException;
import io.plumbline.checks.policy.PolicyOnNode;
import io.plumbline.checks.rules.OwnRules;
import io.plumbline.model.PolicySet;
import java.util.List;
import java.util.stream.Stream;

/**
 * What is in force beside the promises of the specs.
 *
 * @param levels the standards, the files' policies, else the built-in one
 * @param rules the user's own
 */
public record Policies(PolicyOnNode levels, OwnRules rules) {

    /**
     * What the files say, ready to be asked.
     *
     * @throws PolicyException if a policy names what there is not, or a rule does not compile
     */
    public static Policies of(PolicySet files) {
        return new Policies(
                new PolicyOnNode(files),
                OwnRules.of(
                        files.rules(),
                        Catalogue.descriptions().stream()
                                .map(CheckDescription::id)
                                .toList()));
    }

    /** All that may be found under them: the checks of the program, and the user's own rules. */
    public List<CheckDescription> descriptions() {
        return Stream.concat(Catalogue.descriptions().stream(), rules.descriptions().stream())
                .toList();
    }
}
