package io.plumbline.cli;

import io.plumbline.report.Printable;

/** Text for standard error. */
final class Lines {

    private Lines() {}

    /** One printable line, whatever is in it. */
    static String one(String text) {
        return Printable.of(text.replace('\n', ' '));
    }
}
