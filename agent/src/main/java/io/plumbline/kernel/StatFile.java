package io.plumbline.kernel;

import io.plumbline.model.Reading;

/**
 * {@code /proc/<pid>/stat}, see proc_pid_stat(5).
 *
 * @param comm field 2 without its parentheses; may itself hold any of them
 * @param state field 3
 * @param parent field 4
 * @param flags field 9, PF_* of {@code include/linux/sched.h}
 * @param threads field 20
 * @param startTicks field 22, clock ticks since boot
 */
record StatFile(String comm, char state, int parent, long flags, int threads, long startTicks) {

    private static final long PF_EXITING = 0x00000004;
    private static final long PF_KTHREAD = 0x00200000;
    private static final long UINT_MAX = 0xffffffffL;

    static Reading<StatFile> parse(Content file) {
        Cursor all = file.cursor();
        int open = all.indexOf('(');
        // The last one: a process may call itself "x) S 1 (y".
        int close = all.lastIndexOf(')');
        if (open < 0 || close < open) {
            return file.malformed();
        }
        all.skip(open + 1);
        String comm = all.textTo(close);
        all.skip(close + 1 - all.position());
        if (!all.skip(" ") || all.atEnd()) {
            return file.malformed();
        }
        char state = (char) all.peek();
        all.skip(1);
        if (!all.skip(" ")) {
            return file.malformed();
        }
        long[] fields = new long[23];
        for (int field = 4; field <= 22; field++) {
            fields[field] = number(all, field);
            if (fields[field] == Cursor.NONE || all.atEnd()) {
                return file.malformed();
            }
        }
        // Else the start time may go on.
        if (all.peek() != ' ' && all.peek() != '\n') {
            return file.malformed();
        }
        return Reading.of(new StatFile(comm, state, (int) fields[4], fields[9], (int) fields[20], fields[22]));
    }

    private static long number(Cursor all, int field) {
        all.skipBlanks();
        return switch (field) {
            case 4, 20 -> all.decimal(Integer.MAX_VALUE);
            case 9 -> all.decimal(UINT_MAX);
            case 22 -> all.decimal(Long.MAX_VALUE);
            default -> {
                // tpgid, priority and nice may be negative; the limit in field 25 is beyond.
                all.skip("-");
                yield all.decimal(Long.MAX_VALUE);
            }
        };
    }

    boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Is it on its way out, though its state does not say so yet? */
    boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /** Has the leader ended while other threads go on, pthread_exit(3) in main? */
    boolean isLeaderGone() {
        return (state == 'Z' || state == 'X') && threads > 1;
    }
}
