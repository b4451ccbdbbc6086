package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.plumbline.model.EventBatch;
import io.plumbline.model.ProcessEvent;
import io.plumbline.model.ProcessEvent.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the kernel tells of processes, through the C library: by its process connector ({@code linux/cn_proc.h}), and where it lets
 * programs of ours run at its trace points, by a ring buffer that they fill. One thread at a time.
 *
 * <p>Another program's events, or a refusal without a word, are not taken for the connector's consent: the library waits for its
 * acknowledgement.
 */
public final class ProcListener implements AutoCloseable {

    /** Some 20,000 events of 10,000 short processes a second: two thirds of a second in which nobody need listen. */
    private static final int SOCKET_BUFFER = 8 << 20;

    /** Some 40,000 events: a second of such a storm. A power of two, and twice in the address space. */
    private static final int RING = 1 << 20;

    private static final int REASON = 1024;

    private static final long CAPACITY = PlumblineHeader.EVENTS_SIZE + 4096L * PlumblineHeader.EVENT_SIZE;

    private final PlumblineLibrary library;
    private final long events;
    private final Memory memory = new Memory(CAPACITY);

    /** Of the same bytes: a field of JNA's Memory is a call through JNI, one of a buffer is an instruction. */
    private final ByteBuffer buffer = memory.getByteBuffer(0, CAPACITY).order(ByteOrder.nativeOrder());

    private final Optional<String> withoutRing;

    private ProcListener(PlumblineLibrary library, long events, Optional<String> withoutRing) {
        this.library = library;
        this.events = events;
        this.withoutRing = withoutRing;
    }

    /** @param ring whether to go by the ring buffer where that can be */
    static ProcListener open(PlumblineLibrary library, Path procRoot, boolean ring) throws IOException {
        try (Memory result = new Memory(PlumblineHeader.BACKEND_SIZE)) {
            result.clear();
            long events = library.nh_events_open(
                    procRoot.toString(), SOCKET_BUFFER, Pointer.nativeValue(result), PlumblineHeader.BACKEND_SIZE);
            if (events < 0) {
                throw new IOException(why(result.getInt(PlumblineHeader.BACKEND_STEP), (int) -events));
            }
            return new ProcListener(library, events, ring ? openRing(library, events) : Optional.of("not asked for"));
        }
    }

    private static Optional<String> openRing(PlumblineLibrary library, long events) {
        try (Memory why = new Memory(REASON)) {
            why.clear();
            int error = library.nh_events_ring(events, RING, Pointer.nativeValue(why), why.size());
            String said = why.getString(0);
            return error < 0 ? Optional.of(said.isEmpty() ? Errno.name(-error) : said) : Optional.empty();
        }
    }

    /** Why it goes by the connector alone; empty if it goes by the ring buffer. */
    public Optional<String> withoutRing() {
        return withoutRing;
    }

    /** What failed, and what would have to be granted. */
    static String why(int step, int errno) {
        String name = Errno.name(errno);
        boolean forbidden = errno == Errno.EPERM || errno == Errno.EACCES;
        return switch (step) {
            case PlumblineHeader.NH_STEP_NAMESPACE ->
                forbidden
                        ? "the node's network namespace may not be entered: " + name
                                + "; needs hostPID, CAP_SYS_ADMIN and" + " CAP_SYS_PTRACE, or hostNetwork"
                        : "the node's network namespace cannot be entered: " + name;
            case PlumblineHeader.NH_STEP_SOCKET ->
                errno == Errno.EPROTONOSUPPORT
                        ? "this kernel has no connector (CONFIG_CONNECTOR)"
                        : "no netlink socket: " + name;
            case PlumblineHeader.NH_STEP_BIND, PlumblineHeader.NH_STEP_LISTEN ->
                forbidden
                        ? "the process connector may not be listened to: " + name
                                + "; needs CAP_NET_ADMIN in the initial user namespace"
                        : errno == Errno.ECONNREFUSED
                                ? "nobody answers at the process connector: " + name
                                        + "; needs a kernel with CONFIG_PROC_EVENTS and the initial network namespace"
                                : "the process connector cannot be listened to: " + name;
            case PlumblineHeader.NH_STEP_ACKNOWLEDGE ->
                errno == Errno.ETIMEDOUT
                        ? "the kernel does not tell this process of others, because it is in a pid or user namespace of its"
                                + " own; needs hostPID, and no user namespace (hostUsers: false)"
                        : "the process connector refuses: " + name
                                + "; needs CAP_NET_ADMIN in the initial user namespace";
            default -> "no process events: " + name;
        };
    }

    /**
     * Waits until something happens.
     *
     * @param longestMillis how long to wait; after that nothing has happened
     * @throws IOException if the socket is of no use any more
     */
    public EventBatch next(int longestMillis) throws IOException {
        long length = library.nh_events_read(events, Pointer.nativeValue(memory), CAPACITY, longestMillis);
        if (length < 0) {
            throw new IOException("process events: " + Errno.name((int) -length));
        }
        int count = buffer.getInt(PlumblineHeader.EVENTS_COUNT);
        List<ProcessEvent> told = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int at = PlumblineHeader.EVENTS_SIZE + i * PlumblineHeader.EVENT_SIZE;
            told.add(new ProcessEvent(
                    kind(buffer.getInt(at + PlumblineHeader.EVENT_WHAT)),
                    buffer.getInt(at + PlumblineHeader.EVENT_PID),
                    buffer.getLong(at + PlumblineHeader.EVENT_MONOTONIC_NS)));
        }
        return new EventBatch(told, buffer.getLong(PlumblineHeader.EVENTS_LOST));
    }

    private static Kind kind(int what) throws IOException {
        return switch (what) {
            case PlumblineHeader.NH_EVENT_FORK -> Kind.FORK;
            case PlumblineHeader.NH_EVENT_EXEC -> Kind.EXEC;
            case PlumblineHeader.NH_EVENT_CREDENTIALS -> Kind.CREDENTIALS;
            case PlumblineHeader.NH_EVENT_EXIT -> Kind.EXIT;
            case PlumblineHeader.NH_EVENT_LIFE -> Kind.LIFE;
            default -> throw new IOException("process events: an event of an unknown kind, " + what);
        };
    }

    @Override
    public void close() {
        library.nh_events_close(events);
        memory.close();
    }
}
