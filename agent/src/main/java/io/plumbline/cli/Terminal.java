package io.plumbline.cli;

import io.plumbline.kernel.bindings.StandardStream;
import java.util.Map;
import java.util.OptionalInt;

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
        return of(System.getenv(), StandardStream.OUTPUT.isTerminal(), StandardStream.OUTPUT.columns());
    }

    /** @param columns what the terminal itself says; a shell seldom exports COLUMNS, so whoever sets it means it */
    static Terminal of(Map<String, String> environment, boolean interactive, OptionalInt columns) {
        String no = environment.getOrDefault("NO_COLOR", "");
        boolean dumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
        return new Terminal(
                width(environment.getOrDefault("COLUMNS", ""), columns), interactive && no.isEmpty() && !dumb);
    }

    private static int width(String told, OptionalInt columns) {
        try {
            return Math.max(NARROWEST, Integer.parseInt(told.strip()));
        } catch (NumberFormatException e) {
            return Math.max(NARROWEST, columns.orElse(USUAL)); // not told, or told nonsense
        }
    }
}
