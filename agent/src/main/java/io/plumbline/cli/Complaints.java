package io.plumbline.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Gathers what is wrong with the options, so that a user learns all of it at once and not one thing per call. */
final class Complaints {

    private final List<String> gathered = new ArrayList<>();

    /** Runs what refuses a wrong option; a refusal is kept for {@link #refuse}. */
    void in(Runnable check) {
        try {
            check.run();
        } catch (UsageException e) {
            gathered.addAll(e.messages());
        }
    }

    /** What the options say; empty where that was refused, and then {@link #refuse} does not return. */
    <T> Optional<T> of(Supplier<T> reading) {
        try {
            return Optional.of(reading.get());
        } catch (UsageException e) {
            gathered.addAll(e.messages());
            return Optional.empty();
        }
    }

    void that(String message) {
        gathered.add(message);
    }

    /** @throws UsageException with everything that was gathered, each thing once, if anything was */
    void refuse() {
        if (!gathered.isEmpty()) {
            throw new UsageException(gathered.stream().distinct().toList());
        }
    }
}
