package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The reference of commands says what the commands themselves say. {@code -Dgolden.write=true} writes it again. */
class CommandsPageTest {
    private static final Path PAGE = Path.of("../docs/reference/commands.md");

    @Test
    void thePageIsWhatTheCommandsSay() throws IOException {
        StringBuilder page = new StringBuilder("""
            # Commands and their options

            Generated from the code. Every option can also be set in the environment and, without the leading dashes, in the file that `--config` of
            `scan` and `serve` names (`scan-interval: 15s`). The command line takes precedence over the environment, and the environment over the file. `--show-config` prints
            each value and where it comes from.

            """);
        CommandLine all = CommandTree.commandLine(Map.of());
        page.append(first(all)).append("\n");
        commands("plumbline", all, page);
        String now = page.toString();
        if (Boolean.getBoolean("golden.write")) {
            Files.createDirectories(Optional.ofNullable(PAGE.getParent()).orElseThrow());
            Files.writeString(PAGE, now);
        }
        assertThat(Files.readString(PAGE)).isEqualTo(now);
    }

    private static void commands(String name, CommandLine command, StringBuilder page) {
        command.getSubcommands().forEach((word, inner) -> {
            String full = name + " " + word;
            page.append("\n## `").append(full).append("`\n\n").append(first(inner));
            table(inner, page);
            commands(full, inner, page);
        });
    }

    private static void table(CommandLine command, StringBuilder page) {
        List<OptionSpec> options = command.getCommandSpec().options().stream()
                .filter(option -> !option.usageHelp() && !option.versionHelp() && !option.hidden())
                .toList();
        if (!options.isEmpty()) {
            page.append("\n| option | environment | what |\n| --- | --- | --- |\n");
        }
        for (OptionSpec option : options) {
            String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
            page.append("| `")
                    .append(String.join("`, `", option.names()))
                    .append(label.replace("|", "\\|"))
                    .append("` | `")
                    .append(CommandTree.variable(option))
                    .append("` | ")
                    .append(described(option))
                    .append(" |\n");
        }
    }

    private static String described(OptionSpec option) {
        return String.join(" ", option.description())
                .replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue()))
                .replace("|", "\\|")
                .replace("%n", " ");
    }

    private static String first(CommandLine command) {
        return List.of(command.getCommandSpec().usageMessage().description()).stream()
                .collect(Collectors.joining(" ", "", "\n"));
    }
}
