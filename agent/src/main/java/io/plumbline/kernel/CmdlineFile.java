package io.plumbline.kernel;

import io.plumbline.model.CommandLine;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/<pid>/cmdline}, see proc_pid_cmdline(5): arguments ended by NUL, unless the process wrote over them. */
final class CmdlineFile {

    /** No more is read: arguments may be megabytes, and a finding shows a line. */
    static final int LIMIT = 4096;

    private CmdlineFile() {}

    /** What was read with one byte more than {@link #LIMIT}: if that is there, the arguments were cut. */
    static CommandLine parse(Content file) {
        boolean cut = file.length() > LIMIT;
        return parse(file.start(LIMIT), cut);
    }

    static CommandLine parse(Cursor all, boolean cut) {
        List<String> arguments = new ArrayList<>();
        while (!all.atEnd()) {
            arguments.add(all.until('\0').text());
        }
        return new CommandLine(arguments, cut);
    }
}
