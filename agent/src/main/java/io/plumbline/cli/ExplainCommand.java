package io.plumbline.cli;

import io.plumbline.checks.CheckDescription;
import io.plumbline.report.Nearest;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a check promises, what it reads, and how to put right what it finds. */
@Command(
        name = "explain",
        description =
                "Explains what a check promises, what it reads and how to fix what it finds; without a name, lists all.",
        mixinStandardHelpOptions = true)
public final class ExplainCommand implements Callable<Integer> {

    @Parameters(index = "0", arity = "0..1", paramLabel = "CHECK", description = "The name of a check, as in findings.")
    private @Nullable String name;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            split = ",",
            description = "Files with your own rules, to explain these too.")
    private List<Path> files = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<CheckDescription> checks = PolicyArguments.read(files).descriptions();
        if (name == null) {
            int longest =
                    checks.stream().mapToInt(check -> check.id().length()).max().orElse(0);
            for (CheckDescription check : checks) {
                out.println(
                        String.format("%-" + longest + "s  %s (%s)", check.id(), check.promise(), check.severity()));
            }
            out.flush();
            return ExitStatus.CLEAN;
        }
        Optional<CheckDescription> found = checks.stream()
                .filter(description -> description.id().equals(name))
                .findFirst();
        if (found.isEmpty()) {
            throw new UsageException("no check is called '" + name + "'"
                    + Nearest.to(name, checks.stream().map(CheckDescription::id).toList())
                            .map(near -> "; did you mean '" + near + "'?")
                            .orElse("")
                    + " ('plumbline explain' lists them)");
        }
        CheckDescription check = found.get();
        out.println(check.id() + " (kind " + check.kind().word() + ", severity " + check.severity() + ")");
        out.println();
        out.println("Promise   " + check.promise());
        out.println("Finding   " + check.title());
        out.println("Reads     " + check.reads());
        out.println("Remedy    " + check.remedy());
        out.flush();
        return ExitStatus.CLEAN;
    }
}
