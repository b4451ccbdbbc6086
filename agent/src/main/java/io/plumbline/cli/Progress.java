package io.plumbline.cli;

import io.plumbline.kernel.bindings.StandardStream;
import java.io.PrintWriter;
import java.util.Timer;
import java.util.TimerTask;

/** Says on standard error what takes so long, once it has taken longer than two seconds. Silent where nobody watches. */
final class Progress implements AutoCloseable {

    private static final long PATIENCE_MILLIS = 2000;

    private final Timer clock = new Timer("progress", true);
    private final PrintWriter err;
    private volatile String doing = "";

    private Progress(PrintWriter err, boolean watched) {
        this.err = err;
        if (watched) {
            clock.schedule(
                    new TimerTask() {
                        @Override
                        public void run() {
                            say();
                        }
                    },
                    PATIENCE_MILLIS,
                    PATIENCE_MILLIS);
        }
    }

    static Progress onTerminal(PrintWriter err) {
        return new Progress(err, StandardStream.ERROR.isTerminal());
    }

    void now(String what) {
        doing = what;
    }

    void done() {
        doing = "";
    }

    private void say() {
        String what = doing;
        if (!what.isEmpty()) {
            err.println("plumbline: still " + what);
            err.flush();
        }
    }

    @Override
    public void close() {
        clock.cancel();
    }
}
