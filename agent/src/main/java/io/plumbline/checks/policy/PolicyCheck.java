package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import java.util.List;

/** One check of the standards, with its history. */
public interface PolicyCheck {

    CheckDescription description();

    /** The level that brings the check; baseline's hold at restricted too, unless one of restricted's replaces them. */
    PodSecurityLevel level();

    /** What the check asked for, oldest first. */
    List<Edition> editions();

    default String id() {
        return description().id();
    }
}
