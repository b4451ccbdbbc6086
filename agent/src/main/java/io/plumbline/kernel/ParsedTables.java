package io.plumbline.kernel;

import io.plumbline.model.IdMap;
import io.plumbline.model.MountTable;
import io.plumbline.model.Reading;
import java.util.HashMap;
import java.util.Map;

/**
 * Mount tables and id maps of this and the last snapshot; the tables with the bytes that they were parsed from.
 *
 * <p>The kernel is asked each time, because it tells nobody cheaply that a table is as it was: a super block that was remounted
 * read-only changes tables without an event. But a table that reads the same is not parsed again.
 */
final class ParsedTables {

    /** A node has as many as it has user namespaces, most of them alike. */
    private static final int ID_MAPS = 1000;

    private Map<Object, Parsed> before = Map.of();
    private Map<Object, Parsed> now = new HashMap<>();

    private final Shared shared = new Shared();

    private final Map<Reading<IdMap>, Reading<IdMap>> idMaps = new HashMap<>();

    private record Parsed(Content file, Reading<MountTable> table) {}

    /** Forgets what the last snapshot did not meet. */
    void beginSnapshot() {
        before = now;
        now = new HashMap<>(before.size() * 2);
        if (idMaps.size() > ID_MAPS) {
            idMaps.clear();
        }
    }

    /**
     * Parses a table.
     *
     * @param owner to find it again by: its mount namespace; or the text itself where that is not known, because to a reader who
     *     may not see namespaces all processes of a node come here, and show few different texts. The bytes decide.
     */
    Reading<MountTable> parse(Object owner, Content file) {
        Parsed known = now.getOrDefault(owner, before.get(owner));
        if (known == null || !file.hasSameBytes(known.file())) {
            Reading<MountTable> table = MountInfoFile.parse(file, shared);
            if (!(table instanceof Reading.Observed<MountTable>)) {
                return table;
            }
            known = new Parsed(file.copy(), table);
        }
        now.put(owner, known);
        return known.table();
    }

    /** The one of several equal maps that everybody is given, so that it is enough to compare references. */
    Reading<IdMap> same(Reading<IdMap> map) {
        Reading<IdMap> known = idMaps.putIfAbsent(map, map);
        return known == null ? map : known;
    }
}
