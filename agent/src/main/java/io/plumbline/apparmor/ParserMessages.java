package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What apparmor_parser says on standard error, with the place that it means. The text went in by standard input, so it has no file's name. */
final class ParserMessages {

    /** {@code AppArmor parser error [for F] [in [profile] F] at line N: text} */
    private static final Pattern ERROR = Pattern.compile(
            "AppArmor parser error(?: for \\S+)?(?: in (?:profile )?(\\S+))? at line (\\d+): (.*)", Pattern.DOTALL);

    private static final Pattern UNEXPECTED = Pattern.compile("unexpected TOK_([A-Z]+)");
    private static final Pattern NAMED =
            Pattern.compile("(?:capability|flag:|'|variable|rule|family|type) ?([^\\s',:]+)");
    private static final Pattern CHARACTER = Pattern.compile("unexpected character: '(.)'");
    private static final int MOST = 20;
    private static final int LONGEST = 500;

    /** Said on every machine without AppArmor. */
    private static final List<String> NOISE = List.of(
            "Cache read/write disabled",
            "Warning: unable to find a suitable fs",
            "Warning from stdin",
            "File in cache directory location",
            "Warning failed to create cache");

    private ParserMessages() {}

    static List<ProfileError> read(SourceText source, String stderr) {
        List<ProfileError> errors = new ArrayList<>();
        for (String line : stderr.split("\n", -1)) {
            String text = line.strip();
            if (text.isEmpty() || NOISE.stream().anyMatch(text::startsWith) || errors.size() >= MOST) {
                continue;
            }
            errors.add(error(source, text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text));
        }
        return errors;
    }

    private static ProfileError error(SourceText source, String line) {
        Matcher error = ERROR.matcher(line);
        if (!error.matches()) {
            Matcher named = NAMED.matcher(line);
            return named.find() ? source.errorAt(line, named.group(1)) : source.error(line);
        }
        int number = Integer.parseInt(
                error.group(2).substring(0, Math.min(9, error.group(2).length())));
        String text = error.group(3);
        if (error.group(1) != null) {
            return new ProfileError(error.group(1), number, 0, text);
        }
        return source.errorInLine(number, hint(text), words(text));
    }

    private static String hint(String text) {
        return text.contains("unexpected TOK_") && (text.contains("TOK_END_OF_RULE") || text.contains("TOK_MODE"))
                ? text + " (is a comma missing at the end of the line before?)"
                : text;
    }

    private static String[] words(String text) {
        List<String> words = new ArrayList<>();
        Matcher token = UNEXPECTED.matcher(text);
        if (token.find()) {
            words.add(token.group(1).toLowerCase(Locale.ROOT));
        }
        Matcher character = CHARACTER.matcher(text);
        if (character.find()) {
            words.add(character.group(1));
        }
        Matcher named = NAMED.matcher(text);
        while (named.find()) {
            words.add(named.group(1).replaceAll("\\.+$", ""));
        }
        return words.toArray(String[]::new);
    }
}
