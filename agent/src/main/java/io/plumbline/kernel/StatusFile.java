package io.plumbline.kernel;

import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Credentials;
import io.plumbline.model.Ids;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code /proc/<pid>/status} or {@code task/<tid>/status}, see proc_pid_status(5).
 *
 * @param nsPids {@code NSpid:}; absent before Linux 4.1
 * @param state the letter in {@code State:}
 * @param threads {@code Threads:}
 */
record StatusFile(
        Reading<Credentials> credentials,
        Reading<List<Integer>> nsPids,
        Optional<Character> state,
        Optional<Integer> threads) {

    private static final long UINT_MAX = 0xffffffffL;
    private static final String[] IDS = {"Uid:", "Gid:"};
    private static final String[] SETS = {"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"};

    /** The status of a process whose file could not be read at all. */
    static StatusFile of(Reading<StatusFile> reading) {
        return reading.observed()
                .orElseGet(() -> new StatusFile(
                        ProcTree.failure(reading), ProcTree.failure(reading), Optional.empty(), Optional.empty()));
    }

    /** A line that every kernel has is not there. */
    static Reading<Credentials> missing(String source, String line) {
        return new Reading.Unreadable<>(source, "no " + line + " line");
    }

    static StatusFile parse(Content file) {
        return new Parser(file).parse();
    }

    /** One pass over some sixty lines, of which twelve are ours. */
    private static final class Parser {
        private final Content file;
        private final Ids[] ids = new Ids[IDS.length];
        private final CapabilitySet[] sets = new CapabilitySet[SETS.length];
        private Optional<List<Long>> groups = Optional.empty();
        private Optional<List<Integer>> nsPids = Optional.empty();
        private Optional<Boolean> noNewPrivileges = Optional.empty();
        private Optional<Integer> seccompMode = Optional.empty();
        private Optional<Integer> seccompFilters = Optional.empty();
        private Optional<Character> state = Optional.empty();
        private Optional<Integer> threads = Optional.empty();
        private boolean malformed;

        Parser(Content file) {
            this.file = file;
        }

        StatusFile parse() {
            Cursor all = file.cursor();
            while (!all.atEnd()) {
                if (all.indexOf('\n') < 0) {
                    // Cut: what is there of the line may be part of a number.
                    malformed = true;
                    break;
                }
                line(all.until('\n'));
            }
            if (malformed) {
                return StatusFile.of(file.malformed());
            }
            return new StatusFile(
                    credentials(),
                    nsPids.<Reading<List<Integer>>>map(Reading::of)
                            .orElseGet(() -> new Reading.Absent<>(file.source())),
                    state,
                    threads);
        }

        private void line(Cursor line) {
            switch (line.peek()) {
                case 'U', 'G' -> identity(line);
                case 'C' -> capabilities(line);
                case 'N' -> {
                    if (line.skip("NSpid:")) {
                        nsPids = once(nsPids, pids(line));
                    } else if (line.skip("NoNewPrivs:")) {
                        noNewPrivileges = once(noNewPrivileges, number(line, 1).map(flag -> flag == 1));
                    }
                }
                case 'S' -> {
                    if (line.skip("Seccomp:")) {
                        seccompMode = once(seccompMode, number(line, 255));
                    } else if (line.skip("Seccomp_filters:")) {
                        seccompFilters = once(seccompFilters, number(line, Integer.MAX_VALUE));
                    } else if (line.skip("State:")) {
                        line.skipBlanks();
                        state = once(state, line.peek() <= 0 ? Optional.empty() : Optional.of((char) line.peek()));
                    }
                }
                case 'T' -> {
                    if (line.skip("Threads:")) {
                        threads = once(threads, number(line, Integer.MAX_VALUE));
                    }
                }
                default -> {}
            }
        }

        private void identity(Cursor line) {
            if (line.skip("Groups:")) {
                groups = once(groups, numbers(line));
                return;
            }
            for (int i = 0; i < IDS.length; i++) {
                if (line.skip(IDS[i])) {
                    Optional<Ids> four = numbers(line)
                            .filter(list -> list.size() == 4)
                            .map(list -> new Ids(list.get(0), list.get(1), list.get(2), list.get(3)));
                    ids[i] = once(Optional.ofNullable(ids[i]), four).orElse(null);
                    return;
                }
            }
        }

        private void capabilities(Cursor line) {
            for (int i = 0; i < SETS.length; i++) {
                if (line.skip(SETS[i])) {
                    line.skipBlanks();
                    Optional<CapabilitySet> set =
                            line.isHexWord() ? Optional.of(new CapabilitySet(line.hexWord())) : Optional.empty();
                    sets[i] = once(Optional.ofNullable(sets[i]), set).orElse(null);
                    return;
                }
            }
        }

        private <T> Optional<T> once(Optional<T> before, Optional<T> now) {
            malformed |= before.isPresent() || now.isEmpty();
            return now;
        }

        private Reading<Credentials> credentials() {
            for (int i = 0; i < IDS.length; i++) {
                if (ids[i] == null) {
                    return missing(IDS[i]);
                }
            }
            if (groups.isEmpty()) {
                return missing("Groups:");
            }
            for (int i = 0; i < SETS.length; i++) {
                if (sets[i] == null) {
                    return missing(SETS[i]);
                }
            }
            return Reading.of(new Credentials(
                    ids[0],
                    ids[1],
                    groups.get(),
                    sets[0],
                    sets[1],
                    sets[2],
                    sets[3],
                    sets[4],
                    noNewPrivileges,
                    seccompMode,
                    seccompFilters));
        }

        private Reading<Credentials> missing(String line) {
            return StatusFile.missing(file.source(), line);
        }

        private static Optional<Integer> number(Cursor line, long max) {
            long value = line.onlyDecimal(max);
            return value == Cursor.NONE ? Optional.empty() : Optional.of((int) value);
        }

        private static Optional<List<Long>> numbers(Cursor line) {
            List<Long> found = new ArrayList<>(4);
            for (line.skipBlanks(); !line.atEnd(); ) {
                long value = line.decimal(UINT_MAX);
                int stop = line.position();
                line.skipBlanks();
                // "12x" is no number, and neither is "12-".
                if (value == Cursor.NONE || (!line.atEnd() && line.position() == stop)) {
                    return Optional.empty();
                }
                found.add(value);
            }
            return Optional.of(found);
        }

        private static Optional<List<Integer>> pids(Cursor line) {
            return numbers(line)
                    .filter(list -> list.stream().allMatch(pid -> pid <= Integer.MAX_VALUE))
                    .map(list -> list.stream().map(Long::intValue).toList());
        }
    }
}
