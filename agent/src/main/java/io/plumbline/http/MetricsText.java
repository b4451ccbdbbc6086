package io.plumbline.http;

import org.jspecify.annotations.Nullable;

/** Whoever can put numbers into text. */
@FunctionalInterface
public interface MetricsText {

    /**
     * All metrics.
     *
     * @param accept the scraper's {@code Accept} header
     */
    Exposition in(@Nullable String accept);

    /** Text and how it is written. */
    record Exposition(String contentType, String body) {}
}
