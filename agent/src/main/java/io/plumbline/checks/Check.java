package io.plumbline.checks;

/** A promise and a comparison. */
public sealed interface Check permits ContainerCheck, NodeWideCheck, ProfileCheck {

    CheckDescription description();

    default String id() {
        return description().id();
    }
}
