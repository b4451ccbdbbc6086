package io.plumbline.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What was asked for.
 *
 * @param processes how many to start
 * @param groups how many groups that look like containers they form; one in ten of them is in none
 * @param runs rounds in which everything takes its turn; of a resident: how often it is started
 * @param beside how many processes to measure among before, for what one costs among few and among many
 * @param serveSeconds how long the agent is looked at as a resident; empty where its scans are measured
 * @param where of a resident: where its time goes, too
 * @param lifeSeconds how long the agent lives in the memory that a cluster gives it; empty where that is not asked
 * @param flagsSeconds how long the agent is looked at without each of the JVM's flags; empty where that is not asked
 */
record Options(
        int processes,
        int groups,
        int runs,
        OptionalInt beside,
        OptionalInt serveSeconds,
        boolean where,
        OptionalInt lifeSeconds,
        OptionalInt flagsSeconds) {

    static final String USAGE = """
            Usage: plumbline bench [--processes N] [--groups G] [--runs R] [--beside N | --serve SECONDS [--where] | --life SECONDS | --flags SECONDS]
            Puts a full scan beside ps, lsns, pscap, exporters of Prometheus, OSHI and scanners in C on the same processes, and
            prints the ratios.
              --processes N   processes to start beside those of the machine (1000)
              --groups G      groups of them with namespaces and a cgroup of their own (a tenth of N, at most 250)
              --runs R        rounds, in each of which everything takes its turn (7)
              --beside N      before, among N processes: what one costs among few and among many
              --serve S       instead: plumbline serve as a resident, each second a scan. R starts (5), S seconds of peace,
                              then execs and drift, S seconds of a storm, S seconds without the task iterator, S seconds of
                              prometheus-process-exporter, asked each second
              --where         with --serve: S seconds more, and in which rooms and methods its time goes
              --life S        instead: plumbline serve for S seconds in the memory limit of the DaemonSet, beside a storm of short
                              processes, with the page open; what it holds, a dozen times
              --flags S       instead: plumbline serve for S seconds under the flags of docker/jvm.options, and without each""";

    private static final int PROCESSES = 1000;
    private static final int PROCESSES_MAX = 100_000;
    private static final int GROUPS_MAX = 4000;
    private static final int RUNS = 7;
    private static final int STARTS = 5;
    private static final int RUNS_MAX = 1000;
    private static final int SECONDS_MAX = 100_000;

    /** How many groups there are among so many processes, if nobody says otherwise. */
    static int groupsOf(int processes) {
        return Math.min(Math.max(processes / 10, 1), 250);
    }

    /**
     * Reads the words behind {@code bench}.
     *
     * @throws BenchException if they mean nothing
     */
    static Options of(List<String> words) throws BenchException {
        OptionalInt processes = OptionalInt.empty();
        OptionalInt groups = OptionalInt.empty();
        OptionalInt runs = OptionalInt.empty();
        OptionalInt beside = OptionalInt.empty();
        OptionalInt serve = OptionalInt.empty();
        OptionalInt life = OptionalInt.empty();
        OptionalInt flags = OptionalInt.empty();
        boolean where = false;
        Deque<String> rest = new ArrayDeque<>(words);
        while (!rest.isEmpty()) {
            String word = rest.remove();
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (equals >= 0) {
                rest.addFirst(word.substring(equals + 1));
            }
            switch (name) {
                case "--processes" -> processes = number(name, rest, 1, PROCESSES_MAX);
                case "--groups" -> groups = number(name, rest, 0, GROUPS_MAX);
                case "--runs" -> runs = number(name, rest, 1, RUNS_MAX);
                case "--beside" -> beside = number(name, rest, 1, PROCESSES_MAX);
                case "--serve" -> serve = number(name, rest, 1, SECONDS_MAX);
                case "--life" -> life = number(name, rest, 1, SECONDS_MAX);
                case "--flags" -> flags = number(name, rest, 1, SECONDS_MAX);
                case "--where" -> where = true;
                default ->
                    throw new BenchException("unknown option '" + word + "' ('plumbline bench --help' lists them)");
            }
        }
        if (where && serve.isEmpty()) {
            throw new BenchException("--where says where a resident's time goes; give it with --serve SECONDS");
        }
        if (Stream.of(beside, serve, life, flags).filter(OptionalInt::isPresent).count() > 1) {
            throw new BenchException("--beside, --serve, --life and --flags are four benchmarks; give one of them");
        }
        int count = processes.orElse(PROCESSES);
        return new Options(
                count,
                groups.orElse(groupsOf(count)),
                runs.orElse(serve.isPresent() || flags.isPresent() ? STARTS : RUNS),
                beside,
                serve,
                where,
                life,
                flags);
    }

    /** Is an agent to be looked at that stays? */
    boolean stays() {
        return serveSeconds.isPresent() || lifeSeconds.isPresent() || flagsSeconds.isPresent();
    }

    private static OptionalInt number(String name, Deque<String> rest, int min, int max) throws BenchException {
        String text = rest.isEmpty() ? "" : rest.remove();
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new BenchException(name + ": '" + text + "' is no number from " + min + " to " + max);
    }
}
