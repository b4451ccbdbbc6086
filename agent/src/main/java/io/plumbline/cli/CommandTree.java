package io.plumbline.cli;

import io.plumbline.report.Nearest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** All commands, and what happens when one cannot do its work: one line on standard error, exit status 2. */
@Command(
        name = "plumbline",
        mixinStandardHelpOptions = true,
        versionProvider = CommandTree.Version.class,
        description = "Reports where what the kernel enforces on containers differs from what their specs declare.")
public final class CommandTree implements Runnable {

    /** In the order of the help. */
    private static final List<Class<?>> COMMANDS = List.of(
            ScanCommand.class,
            ServeCommand.class,
            LintCommand.class,
            AppArmorCommand.class,
            ExplainCommand.class,
            DoctorCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run()
    private CommandSpec spec;

    private CommandTree() {}

    /** Runs the command that the words name. */
    public static int run(String... args) {
        PrintWriter out = StandardOutput.writer();
        int status = commandLine(System.getenv(), named(args)).setOut(out).execute(args);
        out.flush();
        return status;
    }

    /** With all commands. */
    static CommandLine commandLine(Map<String, String> environment) {
        return commandLine(environment, COMMANDS);
    }

    /** The command that the first word names, alone: to read the options of all takes a tenth of a start. Else all. */
    static List<Class<?>> named(String... args) {
        return COMMANDS.stream()
                .filter(command -> args.length > 0
                        && command.getAnnotation(Command.class).name().equals(args[0]))
                .findFirst()
                .<List<Class<?>>>map(List::of)
                .orElse(COMMANDS);
    }

    static CommandLine commandLine(Map<String, String> environment, List<Class<?>> commands) {
        Settings settings = new Settings(environment);
        CommandLine line = new CommandLine(new CommandTree()) {
            @Override
            public int execute(String... words) {
                settings.load(words, () -> commandLine(environment).getCommandSpec());
                UnknownVariables.among(environment, getCommandSpec())
                        .forEach(warning -> getErr().println(Lines.one("plumbline: " + warning)));
                getErr().flush();
                return super.execute(words);
            }
        };
        for (Class<?> command : commands) {
            line.addSubcommand(command);
        }
        line.setDefaultValueProvider(settings);
        line.registerConverter(Path.class, CommandTree::path);
        line.setParameterExceptionHandler((failure, args) -> {
            PrintWriter err = failure.getCommandLine().getErr();
            lines(failure).forEach(err::println);
            err.flush();
            return ExitStatus.FAILED;
        });
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            lines(failure, command.getCommandSpec().qualifiedName()).forEach(command.getErr()::println);
            command.getErr().flush();
            return ExitStatus.FAILED;
        });
        return line;
    }

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "no command given; try 'plumbline scan', or 'plumbline --help'");
    }

    /** An empty word, such as a variable of the shell that is not set, would be the directory that the caller stands in. */
    private static Path path(String word) {
        if (word.isEmpty()) {
            throw new TypeConversionException("the name of a file or directory is empty");
        }
        return Path.of(word);
    }

    private static List<String> lines(ParameterException failure) {
        CommandSpec spec = failure.getCommandLine().getCommandSpec();
        String command = spec.qualifiedName();
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            return withoutValues(unmatched.getUnmatched()).stream()
                    .map(word -> Lines.one(command + ": " + unknown(word, spec) + help(spec)))
                    .toList();
        }
        String message =
                String.valueOf(failure.getMessage()).lines().findFirst().orElse("");
        // picocli begins its own with a capital letter
        message = message.replaceFirst("^Missing required parameter", "missing parameter")
                .replaceFirst("^Invalid value for", "invalid value for");
        boolean helps = failure instanceof MissingParameterException || !message.contains("--help");
        return List.of(Lines.one(command + ": " + message + (helps ? help(spec) : "")));
    }

    /** What stands behind an unknown option is most likely its value. */
    private static List<String> withoutValues(List<String> words) {
        List<String> unknown = new ArrayList<>();
        boolean afterOption = false;
        for (String word : words) {
            boolean option = word.startsWith("-");
            if (option || !afterOption) {
                unknown.add(word);
            }
            afterOption = option && !word.contains("=");
        }
        return unknown;
    }

    private static String unknown(String word, CommandSpec spec) {
        boolean option = word.startsWith("-");
        Collection<String> known =
                option ? spec.optionsMap().keySet() : spec.subcommands().keySet();
        String near = Nearest.to(word.contains("=") ? word.substring(0, word.indexOf('=')) : word, known)
                .map(candidate -> "; did you mean '" + candidate + "'?")
                .orElse("");
        return (option ? "unknown option '" : "unknown word '") + word + "'" + near;
    }

    private static String help(CommandSpec spec) {
        return " ('" + spec.qualifiedName() + " --help' lists the "
                + (spec.subcommands().isEmpty() ? "options)" : "commands)");
    }

    private static List<String> lines(Exception failure, String command) {
        if (failure instanceof UsageException usage) {
            return usage.messages().stream()
                    .map(message -> Lines.one(command + ": " + message))
                    .toList();
        }
        if (failure instanceof IOException || failure instanceof UncheckedIOException) {
            return List.of(Lines.one(command + ": " + failure.getMessage()));
        }
        StackTraceElement[] trace = failure.getStackTrace();
        return List.of(Lines.one(command + ": this is a bug in plumbline, please report it: " + failure
                + (trace.length == 0 ? "" : " at " + trace[0])));
    }

    /** The option's name in the environment. */
    static String variable(OptionSpec option) {
        return Settings.variable(option.longestName());
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"plumbline " + number()};
        }

        String number() {
            String version = CommandTree.class.getPackage().getImplementationVersion();
            return version == null ? "(not run from its jar)" : version;
        }
    }
}
