package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be said of a profile's text before the parser sees it, and what the parser would never say. */
final class SourceLint {

    /** Where a file's name is expected: the parser takes these words anywhere in the text. */
    private static final Pattern FILE_REFERENCE =
            Pattern.compile("(?<![A-Za-z0-9_/.-])(include|abi)\\s+(if\\s+exists\\s+)?([<\"]?)([^>\"\\s,]*)");

    private static final Pattern SIGNAL = Pattern.compile(
            "(?m)(?:^|[{,])\\s*(?:(?:audit|allow)\\s+)*signal\\b(?!\\s*\\(\\s*send\\s*\\)|\\s+send\\b)");
    private static final Pattern ALL_WRITABLE_AND_EXECUTABLE = Pattern.compile(
            "(?m)^\\s*(?:(?:audit|allow|owner|file)\\s+)*/\\*\\*\\s+(?=[A-Za-z]*w)[A-Za-z]*x[A-Za-z]*\\s*,");

    private SourceLint() {}

    /**
     * What would make the parser read files from outside its own folders. They are refused: their contents would show in error messages,
     * and what a profile means must not depend on files that whoever wrote it may choose.
     */
    static List<ProfileError> forbidden(SourceText source, String text) {
        List<ProfileError> errors = new ArrayList<>();
        if (text.indexOf('\0') >= 0) {
            errors.add(source.error("holds a NUL byte"));
            return errors;
        }
        String[] lines = text.split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            String line = withoutComment(lines[i]);
            Matcher reference = FILE_REFERENCE.matcher(line);
            while (reference.find()) {
                String name = reference.group(4);
                boolean outside =
                        name.startsWith("/") || List.of(name.split("/")).contains("..");
                if (outside) {
                    errors.add(new ProfileError(
                            source.file(),
                            i + 1,
                            reference.start() + 1,
                            reference.group(1) + " of '" + name
                                    + "' is refused: only files below the parser's own folder, by a relative name"
                                    + " without '..', as in include <abstractions/base>"));
                }
            }
        }
        return errors;
    }

    /** {@code #include} is no comment. */
    private static String withoutComment(String line) {
        String start = line.stripLeading();
        return start.startsWith("#") && !start.startsWith("#include") ? "" : line;
    }

    /**
     * A text without a rule that allows signals makes containers that nobody can stop, not even root.
     *
     * @param included the text of all files that it includes
     */
    static Optional<ProfileError> unstoppable(SourceText source, String text, String included) {
        return SIGNAL.matcher(text).find() || SIGNAL.matcher(included).find()
                ? Optional.empty()
                : Optional.of(source.errorAt(
                        "no rule allows signals from outside, so nobody could stop a container under this profile, not"
                                + " even root; add 'include <abstractions/base>' or 'signal (receive) peer=unconfined,'",
                        "profile "));
    }

    /** What compiles, and is unwise. */
    static List<ProfileError> advice(SourceText source, String text) {
        List<ProfileError> warnings = new ArrayList<>();
        Matcher loose = ALL_WRITABLE_AND_EXECUTABLE.matcher(text);
        if (loose.find()) {
            int line = (int) text.substring(0, loose.start()).lines().count();
            warnings.add(source.errorInLine(
                    Math.max(1, line + (loose.start() == 0 || text.charAt(loose.start() - 1) == '\n' ? 1 : 0)),
                    "every file may be written and executed: whatever is written can be run",
                    "/**"));
        }
        return warnings;
    }
}
