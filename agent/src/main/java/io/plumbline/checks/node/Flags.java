package io.plumbline.checks.node;

import io.plumbline.model.CommandLine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The flags of a Go program's command line, as spf13/pflag reads them: {@code --name=value}, {@code --name value}, the last one counts. */
final class Flags {

    private final CommandLine line;

    Flags(CommandLine line) {
        this.line = line;
    }

    /** What could be further on is not known. */
    boolean isCut() {
        return line.cut();
    }

    Optional<String> value(String name) {
        String flag = "--" + name;
        Optional<String> value = Optional.empty();
        List<String> words = line.arguments();
        for (int i = 1; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--")) {
                break;
            }
            if (word.startsWith(flag + "=")) {
                value = Optional.of(word.substring(flag.length() + 1));
            } else if (word.equals(flag)) {
                boolean hasValue = i + 1 < words.size() && !words.get(i + 1).startsWith("-");
                value = Optional.of(hasValue ? words.get(i + 1) : "true");
            }
        }
        return value;
    }

    /** The words of a flag whose value is a list. */
    List<String> words(String name) {
        return value(name)
                .map(list -> Arrays.stream(list.split(",", -1))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .toList())
                .orElse(List.of());
    }

    boolean has(String name) {
        return value(name).isPresent();
    }

    /** As the flag stands there, for evidence. */
    String words(String name, Optional<String> value) {
        return value.map(text -> "--" + name + "=" + text).orElse("no --" + name);
    }
}
