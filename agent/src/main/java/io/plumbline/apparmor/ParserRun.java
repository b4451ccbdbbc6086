package io.plumbline.apparmor;

import java.util.Optional;

/** What a run of the parser gave. */
final class ParserRun {

    private final int status;
    private final byte[] output;
    private final String messages;
    private final Optional<String> stopped;

    ParserRun(int status, byte[] output, String messages, Optional<String> stopped) {
        this.status = status;
        this.output = output;
        this.messages = messages;
        this.stopped = stopped;
    }

    /** Of exit; negative if it was killed. */
    int status() {
        return status;
    }

    /** What it wrote to standard output. */
    byte[] output() {
        return output;
    }

    /** What it wrote to standard error. */
    String messages() {
        return messages;
    }

    /** Why it was killed; empty where it ended by itself. */
    Optional<String> stopped() {
        return stopped;
    }
}
