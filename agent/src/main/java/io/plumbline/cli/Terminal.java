package io.plumbline.cli;

import io.plumbline.kernel.bindings.Posix;
import java.util.Map;

/**
 * What standard output can show.
 *
 * @param width in characters
 * @param colour it is a terminal and the user has not said no, see no-color.org
 */
record Terminal(int width, boolean colour) {

    private static final int USUAL = 120;
    private static final int NARROWEST = 40;

    static Terminal ofThisProcess() {
        return of(System.getenv(), new Posix().isTerminal(Posix.STANDARD_OUTPUT));
    }

    static Terminal of(Map<String, String> environment, boolean interactive) {
        String no = environment.getOrDefault("NO_COLOR", "");
        boolean dumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Terminal(width(environment.getOrDefault("COLUMNS", "")), interactive && no.isEmpty() && !dumb);
    }

    private static int width(String columns) {
        try {
            return Math.max(NARROWEST, Integer.parseInt(columns.strip()));
        } catch (NumberFormatException e) {
            return USUAL; // not told, or told nonsense
        }
    }
}
