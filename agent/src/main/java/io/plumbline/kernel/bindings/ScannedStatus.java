package io.plumbline.kernel.bindings;

import io.plumbline.kernel.bindings.ScannedProcess.Item;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Credentials;
import io.plumbline.model.Ids;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The credentials of one task in a buffer of the C library. */
public final class ScannedStatus {

    private final ByteBuffer buffer;
    private final int at;
    private final Fields fields;

    private ScannedStatus(ByteBuffer buffer, int at, Fields fields) {
        this.buffer = buffer;
        this.at = at;
        this.fields = fields;
    }

    static ScannedStatus ofRecord(ByteBuffer buffer, int at) {
        return new ScannedStatus(buffer, at, Fields.OF_RECORD);
    }

    static ScannedStatus ofThread(ByteBuffer buffer, int at) {
        return new ScannedStatus(buffer, at, Fields.OF_THREAD);
    }

    /** The first line that every kernel has and this status has not: {@code Uid:}. */
    public Optional<String> missingLine() {
        for (Line line : Line.values()) {
            if (!has(line.seen)) {
                return Optional.of(line.text);
            }
        }
        return Optional.empty();
    }

    /** The credentials; only if no line is missing. */
    public Credentials credentials() {
        return new Credentials(
                ids(fields.uid),
                ids(fields.gid),
                groups(),
                set(PlumblineHeader.NH_CAP_INHERITABLE),
                set(PlumblineHeader.NH_CAP_PERMITTED),
                set(PlumblineHeader.NH_CAP_EFFECTIVE),
                set(PlumblineHeader.NH_CAP_BOUNDING),
                set(PlumblineHeader.NH_CAP_AMBIENT),
                has(PlumblineHeader.NH_SEEN_NO_NEW_PRIVS)
                        ? Optional.of(buffer.get(at + fields.noNewPrivs) == 1)
                        : Optional.empty(),
                has(PlumblineHeader.NH_SEEN_SECCOMP)
                        ? Optional.of(buffer.get(at + fields.seccomp) & 0xff)
                        : Optional.empty(),
                has(PlumblineHeader.NH_SEEN_SECCOMP_FILTERS)
                        ? Optional.of(buffer.getInt(at + fields.seccompFilters))
                        : Optional.empty());
    }

    private boolean has(int seen) {
        return (buffer.getInt(at + fields.seen) & seen) != 0;
    }

    private Ids ids(int field) {
        return new Ids(id(field, 0), id(field, 1), id(field, 2), id(field, 3));
    }

    private long id(int field, int index) {
        return Integer.toUnsignedLong(buffer.getInt(at + field + index * Integer.BYTES));
    }

    private CapabilitySet set(int index) {
        return new CapabilitySet(buffer.getLong(at + fields.cap + index * Long.BYTES));
    }

    private List<Long> groups() {
        Item item = Item.at(buffer, at + fields.groups);
        List<Long> groups = new ArrayList<>(item.length() / Integer.BYTES);
        for (int i = 0; i < item.length(); i += Integer.BYTES) {
            groups.add(Integer.toUnsignedLong(buffer.getInt(item.offset() + i)));
        }
        return groups;
    }

    /** In the order of the file. */
    private enum Line {
        UID("Uid:", PlumblineHeader.NH_SEEN_UID),
        GID("Gid:", PlumblineHeader.NH_SEEN_GID),
        GROUPS("Groups:", PlumblineHeader.NH_SEEN_GROUPS),
        CAP_INH("CapInh:", PlumblineHeader.NH_SEEN_CAP_INH),
        CAP_PRM("CapPrm:", PlumblineHeader.NH_SEEN_CAP_PRM),
        CAP_EFF("CapEff:", PlumblineHeader.NH_SEEN_CAP_EFF),
        CAP_BND("CapBnd:", PlumblineHeader.NH_SEEN_CAP_BND),
        CAP_AMB("CapAmb:", PlumblineHeader.NH_SEEN_CAP_AMB);

        private final String text;
        private final int seen;

        Line(String text, int seen) {
            this.text = text;
            this.seen = seen;
        }
    }

    /** Where a structure has the same fields. */
    private enum Fields {
        OF_RECORD(
                PlumblineHeader.RECORD_STATUS_SEEN,
                PlumblineHeader.RECORD_SECCOMP_FILTERS,
                PlumblineHeader.RECORD_NO_NEW_PRIVS,
                PlumblineHeader.RECORD_SECCOMP,
                PlumblineHeader.RECORD_UID,
                PlumblineHeader.RECORD_GID,
                PlumblineHeader.RECORD_CAP,
                PlumblineHeader.RECORD_GROUPS),
        OF_THREAD(
                PlumblineHeader.THREAD_STATUS_SEEN,
                PlumblineHeader.THREAD_SECCOMP_FILTERS,
                PlumblineHeader.THREAD_NO_NEW_PRIVS,
                PlumblineHeader.THREAD_SECCOMP,
                PlumblineHeader.THREAD_UID,
                PlumblineHeader.THREAD_GID,
                PlumblineHeader.THREAD_CAP,
                PlumblineHeader.THREAD_GROUPS);

        private final int seen;
        private final int seccompFilters;
        private final int noNewPrivs;
        private final int seccomp;
        private final int uid;
        private final int gid;
        private final int cap;
        private final int groups;

        Fields(int seen, int seccompFilters, int noNewPrivs, int seccomp, int uid, int gid, int cap, int groups) {
            this.seen = seen;
            this.seccompFilters = seccompFilters;
            this.noNewPrivs = noNewPrivs;
            this.seccomp = seccomp;
            this.uid = uid;
            this.gid = gid;
            this.cap = cap;
            this.groups = groups;
        }
    }
}
