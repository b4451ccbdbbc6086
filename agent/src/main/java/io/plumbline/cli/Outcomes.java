package io.plumbline.cli;

import io.plumbline.apparmor.LoadOutcome;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;

/** What became of profiles, a line each. */
final class Outcomes {

    private Outcomes() {}

    /** What was done to standard output, what was not to standard error; the exit status says whether all was. */
    static int print(List<LoadOutcome> outcomes, CommandSpec spec) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        for (LoadOutcome outcome : outcomes) {
            String word = outcome.result().name().toLowerCase(Locale.ROOT);
            String line = outcome.subject() + ": " + word + (outcome.text().isEmpty() ? "" : ": " + outcome.text());
            (outcome.isDone() ? out : err).println(Lines.one(line));
        }
        out.flush();
        err.flush();
        return outcomes.stream().allMatch(LoadOutcome::isDone) ? ExitStatus.CLEAN : ExitStatus.FOUND;
    }
}
