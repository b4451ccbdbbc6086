package io.plumbline.cli;

/** What the program's exit status says. */
public final class ExitStatus {

    /** Nothing at or above the severity that was asked for. */
    public static final int CLEAN = 0;

    /** Something was found. */
    public static final int FOUND = 1;

    /** The work could not be done: usage, unreadable input, no rights. */
    public static final int FAILED = 2;

    private ExitStatus() {}
}
