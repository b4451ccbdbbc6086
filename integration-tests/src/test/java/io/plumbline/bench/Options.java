package io.plumbline.bench;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;

/**
 * What was asked for.
 *
 * @param processes how many to start
 * @param groups how many groups that look like containers they form; one in ten of them is in none
 * @param runs rounds in which everything takes its turn; of a resident: how often it is started
 * @param serveSeconds how long the agent is looked at as a resident; empty where its scans are measured
 */
record Options(int processes, int groups, int runs, OptionalInt serveSeconds) {

    static final String USAGE = """
            Usage: plumbline bench [--processes N] [--groups G] [--runs R] [--serve SECONDS]
            Puts a full scan beside ps, lsns, pscap and scanners in C on the same processes, and prints the ratios.
              --processes N   processes to start beside those of the machine (1000)
              --groups G      groups of them with namespaces and a cgroup of their own (a tenth of N, at most 250)
              --runs R        rounds, in each of which everything takes its turn (7)
              --serve S       instead: plumbline serve as a resident, each second a scan. R starts (5), S seconds of peace,
                              then execs and drift, S seconds of a storm, S seconds without the task iterator""";

    private static final int PROCESSES = 1000;
    private static final int PROCESSES_MAX = 100_000;
    private static final int GROUPS_MAX = 4000;
    private static final int RUNS = 7;
    private static final int STARTS = 5;
    private static final int RUNS_MAX = 1000;
    private static final int SECONDS_MAX = 100_000;

    /**
     * Reads the words behind {@code bench}.
     *
     * @throws BenchException if they mean nothing
     */
    static Options of(List<String> words) throws BenchException {
        OptionalInt processes = OptionalInt.empty();
        OptionalInt groups = OptionalInt.empty();
        OptionalInt runs = OptionalInt.empty();
        OptionalInt serve = OptionalInt.empty();
        Deque<String> rest = new ArrayDeque<>(words);
        while (!rest.isEmpty()) {
            String word = rest.remove();
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            if (equals >= 0) {
                rest.addFirst(word.substring(equals + 1));
            }
            switch (name) {
                case "--processes" -> processes = OptionalInt.of(number(name, rest, 1, PROCESSES_MAX));
                case "--groups" -> groups = OptionalInt.of(number(name, rest, 0, GROUPS_MAX));
                case "--runs" -> runs = OptionalInt.of(number(name, rest, 1, RUNS_MAX));
                case "--serve" -> serve = OptionalInt.of(number(name, rest, 1, SECONDS_MAX));
                default ->
                    throw new BenchException("unknown option '" + word + "' ('plumbline bench --help' lists them)");
            }
        }
        int count = processes.orElse(PROCESSES);
        return new Options(
                count,
                groups.orElse(Math.min(Math.max(count / 10, 1), 250)),
                runs.orElse(serve.isPresent() ? STARTS : RUNS),
                serve);
    }

    private static int number(String name, Deque<String> rest, int min, int max) throws BenchException {
        String text = rest.isEmpty() ? "" : rest.remove();
        try {
            int number = Integer.parseInt(text);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new BenchException(name + ": '" + text + "' is no number from " + min + " to " + max);
    }
}
