package io.plumbline.kernel;

import io.plumbline.model.CgroupMembership;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code /proc/<pid>/cgroup}, see cgroups(7): {@code hierarchy:controller,controller:path}. */
final class CgroupFile {

    /** Of the words that the lines of a node have in common: controllers, and the path in each hierarchy of cgroup v1. */
    private static final int PLACES = 1 << 9;

    private CgroupFile() {}

    /** Texts that were parsed already: the processes of a container have the same, a dozen lines of it on cgroup v1. */
    static final class Known {
        /**
         * In characters, of all texts. Containers come and go, and a workload may make cgroups of its own with paths of 4 KiB, in a
         * dozen hierarchies: what is forgotten is parsed again.
         */
        static final int LIMIT = 1 << 19;

        private final Map<String, Reading<CgroupMembership>> memberships = new HashMap<>();
        private final Shared shared = new Shared(PLACES);
        private int characters;

        /** How many are kept just now. */
        int size() {
            return memberships.size();
        }

        Reading<CgroupMembership> parse(Content file) {
            String text = file.cursor().byteString();
            Reading<CgroupMembership> known = memberships.get(text);
            if (known == null) {
                known = CgroupFile.parse(file, shared);
                // Trouble names the process that had it.
                if (known instanceof Reading.Observed<CgroupMembership>) {
                    if (characters + text.length() > LIMIT) {
                        memberships.clear();
                        characters = 0;
                    }
                    memberships.put(text, known);
                    characters += text.length();
                }
            }
            return known;
        }
    }

    /** The same as {@link #parse(Content, Shared)} of one process alone. */
    static Reading<CgroupMembership> parse(Content file) {
        return parse(file, new Shared(PLACES));
    }

    static Reading<CgroupMembership> parse(Content file, Shared shared) {
        List<CgroupMembership.Line> lines = new ArrayList<>();
        for (Cursor all = file.cursor(); !all.atEnd(); ) {
            boolean cut = all.indexOf('\n') < 0;
            Cursor line = all.until('\n');
            long hierarchy = line.decimal(Integer.MAX_VALUE);
            if (cut || hierarchy == Cursor.NONE || !line.skip(":") || line.indexOf(':') < 0) {
                return file.malformed();
            }
            List<String> controllers = controllers(line.until(':').text());
            // The rest is one path: it may hold colons, as containerd's systemd notation under another driver does.
            String path = shared.one(line.text());
            if (!path.startsWith("/")) {
                return file.malformed();
            }
            lines.add(new CgroupMembership.Line((int) hierarchy, shared.one(controllers), path));
        }
        // A kernel without cgroups has no such file; an empty one is on a kernel where none is mounted.
        return Reading.of(new CgroupMembership(lines));
    }

    private static List<String> controllers(String field) {
        return field.isEmpty() ? List.of() : List.of(field.split(",", -1));
    }
}
