package io.plumbline.model;

import java.time.Duration;
import java.util.Optional;

/** Something that one look changed. */
public sealed interface FindingChange {

    /** Whom it is about. */
    ContainerIdentity container();

    /**
     * A finding that was not open before.
     *
     * @param delay from the kernel's event until it was found, where an event led to it
     */
    record Opened(Finding finding, Optional<Duration> delay) implements FindingChange {

        /** One that no event led to. */
        public Opened(Finding finding) {
            this(finding, Optional.empty());
        }

        @Override
        public ContainerIdentity container() {
            return finding.container();
        }
    }

    /** A finding that is not open any more, as it was seen last. */
    record Closed(OpenFinding finding) implements FindingChange {
        @Override
        public ContainerIdentity container() {
            return finding.container();
        }
    }
}
