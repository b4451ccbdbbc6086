package io.plumbline.http;

import io.plumbline.checks.CheckDescription;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/**
 * What is served beside the state.
 *
 * @param version the agent's
 * @param docs where the pages on checks are, without a final slash
 * @param checks all that may be found now: the catalogue, and rules of the user's own, which come and go
 */
public record Content(
        String version,
        String docs,
        Supplier<List<CheckDescription>> checks,
        MetricsText metrics,
        InstantSource clock) {}
