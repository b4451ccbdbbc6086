package io.plumbline.scan;

import io.plumbline.findings.Statement;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.Verdict;
import java.util.Optional;

/**
 * A verdict on somebody.
 *
 * @param rank of the check in the catalogue, by which people read them; what policies ask for comes after all checks
 * @param policy the policy that asks for it, for kind {@code policy}
 */
record Said(int rank, FindingKind kind, Verdict verdict, Optional<String> policy) {

    static Said ofCheck(int rank, FindingKind kind, Verdict verdict) {
        return new Said(rank, kind, verdict, Optional.empty());
    }

    static Said ofPolicy(Verdict verdict, String policy) {
        return new Said(Integer.MAX_VALUE, FindingKind.POLICY, verdict, Optional.of(policy));
    }

    /** For a finding; what finds nothing makes none. */
    Optional<Statement> statement(ContainerIdentity whom, String workload) {
        return verdict.violation()
                .map(violation -> new Statement(kind, whom, workload, Optional.empty(), verdict, policy));
    }
}
