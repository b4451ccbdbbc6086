package io.plumbline.kernel;

import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.Reading;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code /proc/<pid>/mountinfo}, see proc_pid_mountinfo(5). */
final class MountInfoFile {

    /** Of what the lines of one table have in common: types, sources, options. */
    private static final int PLACES = 1 << 6;

    private MountInfoFile() {}

    /** The same as {@link #parse(Content, Shared)} of one table alone. */
    static Reading<MountTable> parse(Content file) {
        return parse(file, new Shared(PLACES));
    }

    /** One line that is not in form makes the whole table unreadable: the missing mount could be the one that matters. */
    static Reading<MountTable> parse(Content file, Shared shared) {
        List<Mount> mounts = new ArrayList<>();
        // A table of a hundred mounts has a dozen different lists of options.
        Map<String, List<String>> options = new HashMap<>();
        for (Cursor all = file.cursor(); !all.atEnd(); ) {
            boolean cut = all.indexOf('\n') < 0;
            Optional<Mount> mount = cut ? Optional.empty() : line(all.until('\n'), options, shared);
            if (mount.isEmpty()) {
                return file.malformed("line " + (mounts.size() + 1) + " is " + Content.NOT_IN_FORM);
            }
            mounts.add(mount.get());
        }
        return Reading.of(new MountTable(mounts));
    }

    private static Optional<Mount> line(Cursor line, Map<String, List<String>> options, Shared shared) {
        // One char for each byte: fields end at a space, and the kernel writes a space within as \040.
        String bytes = line.byteString();
        String asWritten = line.isAscii() ? bytes : line.text();
        long id = line.decimal(Integer.MAX_VALUE);
        boolean spaced = line.skip(" ");
        long parent = line.decimal(Integer.MAX_VALUE);
        spaced &= line.skip(" ");
        String[] fields = bytes.split(" ", -1);
        int dash = 6;
        while (dash < fields.length && !fields[dash].equals("-")) {
            dash++;
        }
        if (id == Cursor.NONE || parent == Cursor.NONE || !spaced || fields.length < dash + 4) {
            return Optional.empty();
        }
        return Optional.of(new Mount(
                (int) id,
                (int) parent,
                shared.one(fields[2]),
                shared.one(unescape(fields[3])),
                shared.one(unescape(fields[4])),
                options.computeIfAbsent(fields[5], field -> options(field, shared)),
                shared.one(unescape(fields[dash + 1])),
                shared.one(unescape(fields[dash + 2])),
                options.computeIfAbsent(fields[dash + 3], field -> options(field, shared)),
                asWritten));
    }

    /** Split first: a comma in a value is written as {@code \054}. */
    private static List<String> options(String field, Shared shared) {
        String[] options = field.split(",", -1);
        for (int i = 0; i < options.length; i++) {
            options[i] = shared.one(unescape(options[i]));
        }
        return shared.one(List.of(options));
    }

    /** Resolves {@code \040} and its like; a backslash without three octal digits stands for itself. Then bytes become text. */
    static String unescape(String field) {
        if (isPlain(field)) {
            return field;
        }
        var bytes = new ByteArrayOutputStream(field.length());
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && isOctal(field, i + 1)) {
                bytes.write(Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                bytes.write(field.charAt(i));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean isPlain(String field) {
        for (int i = 0; i < field.length(); i++) {
            if (field.charAt(i) >= 0x80 || field.charAt(i) == '\\') {
                return false;
            }
        }
        return true;
    }

    private static boolean isOctal(String field, int at) {
        return at + 3 <= field.length()
                && field.charAt(at) >= '0'
                && field.charAt(at) <= '3'
                && isOctalDigit(field.charAt(at + 1))
                && isOctalDigit(field.charAt(at + 2));
    }

    private static boolean isOctalDigit(char c) {
        return c >= '0' && c <= '7';
    }
}
