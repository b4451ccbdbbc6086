package io.plumbline.checks.rules;

import io.plumbline.model.Reading;
import java.util.function.Function;

/**
 * One name that rules may use.
 *
 * @param name as a rule writes it: {@code process.effectiveUid}
 * @param meaning for the page on rules
 * @param read an integer is a {@link Long}; what could not be read makes the rule undetermined
 */
record Field(String name, FieldType type, String meaning, Function<Subject, Reading<?>> read) {

    boolean isOfProcess() {
        return name.startsWith("process.");
    }

    /** It is what the runtime was told, in the container's bundle. */
    boolean isGranted() {
        return name.startsWith("container.granted.");
    }
}
