package io.plumbline.checks.inert;

import java.util.Optional;

/** A question to one container's declaration. */
@FunctionalInterface
interface InertRule {

    /** What has no effect, and why; empty where all has. */
    Optional<Inert> judge(Subject subject);
}
