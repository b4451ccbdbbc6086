package io.plumbline.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * All that the staying agent knows at one moment, as one value: what it publishes is a function of this and of nothing else.
 *
 * @param startedAt when the agent started
 * @param interval from the start of one scan to the start of the next
 * @param attempted when the last scan ended, well or not; when the agent started before the first
 * @param last the last scan that succeeded
 * @param scanTrouble why there was none since; empty where the last attempt succeeded
 * @param declared how fresh the declared side is
 * @param memory what outlives the agent
 * @param events whether the kernel tells of processes between scans
 * @param written what its users wrote for it, as far as it is in force
 */
public record AgentState(
        Instant startedAt,
        Duration interval,
        Moment attempted,
        Optional<LastScan> last,
        Optional<String> scanTrouble,
        DeclaredSide declared,
        Memory memory,
        Events events,
        Written written) {

    /** An agent that listens to no events, and for which nobody wrote anything. */
    public AgentState(
            Instant startedAt,
            Duration interval,
            Moment attempted,
            Optional<LastScan> last,
            Optional<String> scanTrouble,
            DeclaredSide declared,
            Memory memory) {
        this(startedAt, interval, attempted, last, scanTrouble, declared, memory, Events.NONE, Written.NONE);
    }

    /**
     * A scan that succeeded.
     *
     * @param report with the open findings, not with all that this scan saw; with the processes that were read again since
     * @param ended when it did
     * @param pending findings that it saw for the first time, and that the next scan opens if it sees them too
     */
    public record LastScan(ScanReport report, Moment ended, Duration took, int pending) {

        /** When it ended, by the clock on the wall. */
        public Instant at() {
            return ended.at();
        }
    }

    /**
     * Where the declared side comes from.
     *
     * @param asked somebody is to be asked; else the runtimes' bundles are the declared side
     * @param answered when the answer in use was given; empty while there is none
     * @param trouble why the answer in use is not a new one; empty where it is
     */
    public record DeclaredSide(boolean asked, Optional<Moment> answered, Optional<String> trouble) {

        /** When the answer in use was given, by the clock on the wall. */
        public Optional<Instant> answeredAt() {
            return answered.map(Moment::at);
        }

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

    /**
     * The files that are read again when they change. One that is broken changes nothing: the last good one stays in force.
     *
     * @param exceptions which findings somebody accepts
     * @param policies by what is judged
     */
    public record Written(Exceptions exceptions, Policies policies) {

        /** There are none. */
        public static final Written NONE = new Written(Exceptions.NONE, Policies.NONE);
    }

    /**
     * Where policies come from.
     *
     * @param files empty where the built-in policy holds
     * @param trouble why the files are not in force as they stand, so that the last good ones are
     */
    public record Policies(List<String> files, Optional<String> trouble) {

        /** The built-in one. */
        public static final Policies NONE = new Policies(List.of(), Optional.empty());

        public Policies {
            files = List.copyOf(files);
        }
    }

    /**
     * Where exceptions come from.
     *
     * @param file empty where there are none to read
     * @param rules how many are in force, expired ones too
     * @param trouble why the file is not in force as it stands, so that the last good one is
     */
    public record Exceptions(Optional<String> file, int rules, Optional<String> trouble) {

        /** Nobody accepts anything. */
        public static final Exceptions NONE = new Exceptions(Optional.empty(), 0, Optional.empty());
    }

    /**
     * What the kernel tells between scans.
     *
     * @param backend how, and why not better: {@code ring}, or {@code connector: why}; empty where nothing is heard
     * @param trouble why nothing is heard, so that changes are seen with the next scan only
     * @param lost how many events the kernel could not deliver since the agent started; each loss made it scan
     */
    public record Events(Optional<String> backend, Optional<String> trouble, long lost) {

        /** Nobody listens. */
        public static final Events NONE = new Events(Optional.empty(), Optional.empty(), 0);

        /** How, without the reason: {@code ring}, {@code connector} or {@code none}. */
        public String way() {
            String way = backend.orElse("none");
            int colon = way.indexOf(':');
            return colon < 0 ? way : way.substring(0, colon);
        }
    }
}
