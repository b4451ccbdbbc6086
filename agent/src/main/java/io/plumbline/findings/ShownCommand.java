package io.plumbline.findings;

import io.plumbline.model.CommandLine;
import io.plumbline.model.ProcessSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A command line as it may be shown: cut, and with what looks like a secret masked. The environment is never read at all. */
final class ShownCommand {

    private static final int LONGEST = 200;
    private static final String MASK = "...";

    private static final Set<String> SECRET_WORDS = Set.of(
            "password",
            "passwd",
            "passphrase",
            "secret",
            "token",
            "apikey",
            "api-key",
            "api_key",
            "credential",
            "auth");

    private ShownCommand() {}

    static String of(ProcessSnapshot process) {
        CommandLine line = process.commandLine();
        if (line.arguments().isEmpty()) {
            return "[" + process.comm() + "]";
        }
        String text = String.join(" ", masked(line.arguments()));
        return text.length() > LONGEST || line.cut()
                ? text.substring(0, Math.min(text.length(), whole(text, LONGEST))) + MASK
                : text;
    }

    private static List<String> masked(List<String> arguments) {
        List<String> shown = new ArrayList<>();
        boolean hideNext = false;
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            boolean option = argument.startsWith("-");
            if (hideNext && !option) {
                shown.add(MASK);
                hideNext = false;
                continue;
            }
            hideNext = false;
            if (equals > 0 && isSecret(argument.substring(0, equals))) {
                shown.add(argument.substring(0, equals + 1) + MASK);
            } else {
                hideNext = option && equals < 0 && isSecret(argument);
                shown.add(withoutPassword(argument));
            }
        }
        return shown;
    }

    private static boolean isSecret(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        // A file that holds a secret is no secret: --token-file, --tls-private-key-file.
        if (lower.endsWith("file") || lower.endsWith("path")) {
            return false;
        }
        // Asked of each option of each process: a stream for each is a twentieth of the first scan's garbage.
        for (String word : SECRET_WORDS) {
            if (lower.contains(word)) {
                return true;
            }
        }
        return false;
    }

    /** {@code scheme://user:password@host} without the password. */
    private static String withoutPassword(String argument) {
        int scheme = argument.indexOf("://");
        int at = scheme < 0 ? -1 : argument.indexOf('@', scheme);
        int colon = scheme < 0 ? -1 : argument.indexOf(':', scheme + "://".length());
        return at > 0 && colon > 0 && colon < at
                ? argument.substring(0, colon + 1) + MASK + argument.substring(at)
                : argument;
    }

    /** Not in the middle of a surrogate pair. */
    private static int whole(String text, int end) {
        return end < text.length() && Character.isLowSurrogate(text.charAt(end)) ? end - 1 : end;
    }
}
