package io.plumbline.model;

/** Something that one scan changed. */
public sealed interface FindingChange {

    /** Whom it is about. */
    ContainerIdentity container();

    /** A finding that was not open before. */
    record Opened(Finding finding) implements FindingChange {
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
