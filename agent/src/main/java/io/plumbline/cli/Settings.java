package io.plumbline.cli;

import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.SettingsReader;
import io.plumbline.kubernetes.SettingsReader.Setting;
import io.plumbline.report.Nearest;
import io.plumbline.state.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Where values come from that stand not on the command line: the environment ({@code --fail-on} is {@code PLUMBLINE_FAIL_ON}), else the file
 * that {@code --config} names ({@code fail-on: high}), else the option's own default.
 */
final class Settings implements IDefaultValueProvider {

    static final String CONFIG = "--config";

    static final String PREFIX = "PLUMBLINE_";

    private final Map<String, String> environment;
    private final Map<String, Setting> file = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private String path = "";

    Settings(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Those that this command's values came from. */
    static Settings of(CommandSpec command) {
        return (Settings) command.defaultValueProvider();
    }

    /**
     * Reads the file that these words or the environment name, if they name one. What is wrong with it is told by {@link #problems}.
     *
     * @param root whose commands' options may stand in the file; asked where there is one
     */
    void load(String[] words, Supplier<CommandSpec> root) {
        file.clear();
        problems.clear();
        path = named(words);
        if (path.isEmpty()) {
            return;
        }
        try (InputStream in = Files.newInputStream(Path.of(path))) {
            SettingsReader.read(in).forEach(setting -> file.put(setting.name(), setting));
        } catch (NoSuchFileException e) {
            problems.add(CONFIG + ": " + path + ": no such file");
        } catch (IOException e) {
            problems.add(CONFIG + ": " + path + ": " + Trouble.of(e));
        } catch (ManifestException e) {
            e.problems().forEach(problem -> problems.add(CONFIG + ": " + path + ": " + problem));
        }
        Set<String> known = names(root.get());
        for (Setting setting : file.values()) {
            if (!known.contains(setting.name())) {
                problems.add(CONFIG + ": " + path + ": line " + setting.line() + ": '" + setting.name()
                        + "' is no setting"
                        + Nearest.to(setting.name(), known)
                                .map(near -> "; did you mean '" + near + "'?")
                                .orElse("; 'plumbline serve --show-config' lists them all"));
            }
        }
    }

    private String named(String[] words) {
        for (int i = 0; i < words.length; i++) {
            if (words[i].startsWith(CONFIG + "=")) {
                return words[i].substring(CONFIG.length() + 1);
            }
            if (words[i].equals(CONFIG) && i + 1 < words.length) {
                return words[i + 1];
            }
        }
        return environment.getOrDefault(variable(CONFIG), "");
    }

    /** The names of all options that may stand in a file. */
    private static Set<String> names(CommandSpec root) {
        Set<String> names = new TreeSet<>();
        for (CommandLine command : root.subcommands().values()) {
            command.getCommandSpec().options().stream()
                    .filter(Settings::isSetting)
                    .forEach(option -> names.add(name(option)));
        }
        return names;
    }

    static boolean isSetting(OptionSpec option) {
        return !option.usageHelp()
                && !option.versionHelp()
                && !option.longestName().equals(CONFIG)
                && !option.longestName().equals(ConfigArguments.SHOW);
    }

    static String name(OptionSpec option) {
        return option.longestName().replaceFirst("^--", "");
    }

    static String variable(String option) {
        return PREFIX + option.replaceFirst("^--", "").replace('-', '_').toUpperCase(Locale.ROOT);
    }

    /** All that is wrong with the file, each a line for the user. */
    List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        String told = environment.get(variable(option.longestName()));
        if (told != null && !told.isEmpty()) {
            return told;
        }
        Setting setting = isSetting(option) ? file.get(name(option)) : null;
        return setting == null ? null : setting.value();
    }

    /** Who said so. */
    String origin(OptionSpec option, CommandLine.ParseResult parsed) {
        if (parsed.hasMatchedOption(option)) {
            return "command line";
        }
        String told = environment.get(variable(option.longestName()));
        if (told != null && !told.isEmpty()) {
            return "environment " + variable(option.longestName());
        }
        Setting setting = file.get(name(option));
        return setting == null ? "default" : path + " line " + setting.line();
    }
}
