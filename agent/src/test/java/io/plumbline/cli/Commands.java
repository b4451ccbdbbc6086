package io.plumbline.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/** The program as a user calls it, without a new JVM. */
final class Commands {

    /** What a call leaves behind. */
    record Result(int status, String out, String err) {}

    private Commands() {}

    static Result run(String... words) {
        return run(Map.of(), words);
    }

    /** @param environment variables that the program sees */
    static Result run(Map<String, String> environment, String... words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = CommandTree.commandLine(environment, CommandTree.named(words));
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        int status = line.execute(words);
        return new Result(status, out.toString(), err.toString());
    }
}
