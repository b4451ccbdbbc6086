package io.plumbline.kernel;

import io.plumbline.model.IdMap;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/<pid>/uid_map} and {@code gid_map}, see user_namespaces(7): inside, outside, count. */
final class IdMapFile {

    private static final long UINT_MAX = 0xffffffffL;

    private IdMapFile() {}

    static Reading<IdMap> parse(Content file) {
        List<IdMap.Range> ranges = new ArrayList<>();
        for (Cursor all = file.cursor(); !all.atEnd(); ) {
            boolean cut = all.indexOf('\n') < 0;
            Cursor line = all.until('\n');
            line.skipBlanks();
            long inside = line.decimal(UINT_MAX);
            line.skipBlanks();
            long outside = line.decimal(UINT_MAX);
            long count = line.onlyDecimal(UINT_MAX);
            if (cut || inside == Cursor.NONE || outside == Cursor.NONE || count == Cursor.NONE) {
                return file.malformed();
            }
            ranges.add(new IdMap.Range(inside, outside, count));
        }
        return Reading.of(new IdMap(ranges));
    }
}
