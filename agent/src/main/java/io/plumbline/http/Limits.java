package io.plumbline.http;

import java.time.Duration;

/**
 * What one client, and all of them, may take.
 *
 * @param requestLine in bytes
 * @param headers in bytes, all together
 * @param headersWithin from the opening of a connection, or from the last answer on it, to the end of the next request's headers
 * @param idle a connection on which nothing moves for so long is cut
 * @param connections at a time
 * @param streams listeners of the event stream at a time
 * @param eventsWaiting for one listener; one that reads slower is cut, and may connect again
 * @param heartbeat how often a silent stream shows that it is alive
 */
public record Limits(
        int requestLine,
        int headers,
        Duration headersWithin,
        Duration idle,
        int connections,
        int streams,
        int eventsWaiting,
        Duration heartbeat) {

    public static final Limits USUAL = new Limits(
            4096, 16_384, Duration.ofSeconds(20), Duration.ofSeconds(60), 256, 32, 4096, Duration.ofSeconds(15));
}
