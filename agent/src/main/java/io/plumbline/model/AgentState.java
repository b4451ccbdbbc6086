package io.plumbline.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * All that the staying agent knows at one moment, as one value: what it publishes is a function of this and of nothing else.
 *
 * @param startedAt when the agent started
 * @param interval from the start of one scan to the start of the next
 * @param attemptedAt when the last scan ended, well or not; {@code startedAt} before the first
 * @param last the last scan that succeeded
 * @param scanTrouble why there was none since; empty where the last attempt succeeded
 * @param declared how fresh the declared side is
 * @param memory what outlives the agent
 */
public record AgentState(
        Instant startedAt,
        Duration interval,
        Instant attemptedAt,
        Optional<LastScan> last,
        Optional<String> scanTrouble,
        DeclaredSide declared,
        Memory memory) {

    /**
     * A scan that succeeded.
     *
     * @param report with the open findings, not with all that this scan saw
     * @param at when it ended
     * @param pending findings that it saw for the first time, and that the next scan opens if it sees them too
     */
    public record LastScan(ScanReport report, Instant at, Duration took, int pending) {}

    /**
     * Where the declared side comes from.
     *
     * @param asked somebody is to be asked; else the runtimes' bundles are the declared side
     * @param answeredAt when the answer in use was given; empty while there is none
     * @param trouble why the answer in use is not a new one; empty where it is
     */
    public record DeclaredSide(boolean asked, Optional<Instant> answeredAt, Optional<String> trouble) {

        /** The answer in use is not the newest that there could be. */
        public boolean stale() {
            return trouble.isPresent();
        }
    }

    /**
     * Where open findings are kept over a restart.
     *
     * @param directory empty where nothing is kept
     * @param trouble why it does not work just now
     */
    public record Memory(Optional<String> directory, Optional<String> trouble) {}
}
