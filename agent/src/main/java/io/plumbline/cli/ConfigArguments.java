package io.plumbline.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** Where settings come from, and which they are. */
final class ConfigArguments {

    static final String SHOW = "--show-config";

    /** Read before the others are, by {@link Settings}: theirs may stand in it. */
    @Option(
            names = Settings.CONFIG,
            paramLabel = "FILE",
            description =
                    "A file with lines such as 'scan-interval: 15s'. Command-line options and the environment take precedence.")
    @SuppressWarnings("UnusedVariable") // picocli checks and lists it; Settings reads its value
    private @Nullable Path file;

    @Option(names = SHOW, description = "Print every setting and where it comes from, as such a file, and exit.")
    private boolean show;

    boolean isShown() {
        return show;
    }

    /** Every setting, its value and its origin; what this prints can be read again. */
    static void print(CommandSpec command, PrintWriter out) {
        Settings settings = Settings.of(command);
        for (OptionSpec option : command.options()) {
            if (Settings.isSetting(option)) {
                Object value = option.getValue();
                String origin = settings.origin(option, command.commandLine().getParseResult());
                out.println(
                        value == null || value.equals(List.of())
                                ? "# " + Settings.name(option) + ":  # not set"
                                : Settings.name(option) + ": " + quoted(String.valueOf(value)) + "  # "
                                        + Lines.one(origin));
            }
        }
        out.flush();
    }

    /** In YAML's single quotes where it would otherwise be read as something else. */
    private static String quoted(String value) {
        return value.matches("[A-Za-z0-9/._][A-Za-z0-9/._:-]*[A-Za-z0-9/._-]|[A-Za-z0-9/._]")
                ? value
                : "'" + value.replace("'", "''") + "'";
    }
}
