package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import java.util.List;
import java.util.Locale;

/** The text of a source, to say where in it something stands. */
final class SourceText {

    private final String file;
    private final List<String> lines;

    SourceText(String file, String text) {
        this.file = file;
        this.lines = List.of(text.split("\n", -1));
    }

    String file() {
        return file;
    }

    /** An error about the whole source. */
    ProfileError error(String text) {
        return new ProfileError(file, 0, 0, text);
    }

    /** An error in a line: at the first of these words that stands there, else where the line's own text begins. */
    ProfileError errorInLine(int line, String text, String... words) {
        if (line < 1 || line > lines.size()) {
            return new ProfileError(file, 0, 0, text);
        }
        String content = lines.get(line - 1);
        for (String word : words) {
            int at = indexOfWord(content, word);
            if (at >= 0) {
                return new ProfileError(file, line, at + 1, text);
            }
        }
        int start = 0;
        while (start < content.length() && Character.isWhitespace(content.charAt(start))) {
            start++;
        }
        return new ProfileError(file, line, Math.min(start, Math.max(0, content.length() - 1)) + 1, text);
    }

    /** An error at the character with this number, from 0. */
    ProfileError errorAtOffset(int offset, String text) {
        int left = Math.max(0, offset);
        int line = 0;
        while (line < lines.size() - 1 && left > lines.get(line).length()) {
            left -= lines.get(line).length() + 1;
            line++;
        }
        return new ProfileError(file, line + 1, Math.min(left, lines.get(line).length()) + 1, text);
    }

    /** An error at the first line that holds one of these texts, in any letter case; about the whole source if none does. */
    ProfileError errorAt(String text, String... needles) {
        for (String needle : needles) {
            for (int i = 0; i < lines.size() && !needle.isEmpty(); i++) {
                String line = lines.get(i).toLowerCase(Locale.ROOT);
                int at = line.indexOf(needle.toLowerCase(Locale.ROOT));
                if (at >= 0 && !line.stripLeading().startsWith("#")) {
                    return new ProfileError(file, i + 1, at + 1, text);
                }
            }
        }
        return error(text);
    }

    private static int indexOfWord(String line, String word) {
        for (int at = line.indexOf(word); at >= 0 && !word.isEmpty(); at = line.indexOf(word, at + 1)) {
            boolean starts = at == 0 || !isWord(line.charAt(at - 1));
            int end = at + word.length();
            if (starts && (end == line.length() || !isWord(line.charAt(end)))) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '-';
    }
}
