package io.plumbline.http;

import io.plumbline.checks.CheckDescription;
import java.time.InstantSource;
import java.util.List;

/**
 * What is served beside the state.
 *
 * @param version the agent's
 * @param docs where the pages on checks are, without a final slash
 * @param checks the catalogue
 */
public record Content(
        String version, String docs, List<CheckDescription> checks, MetricsText metrics, InstantSource clock) {
    public Content {
        checks = List.copyOf(checks);
    }
}
