package io.plumbline.kernel.bindings;

import io.plumbline.model.NamespaceType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One record in a buffer of the C library. Each part has its errno: 0 if it was read, {@link #SKIPPED} if it was left out on purpose; only
 * of a part that was read its values mean anything.
 */
public final class ScannedProcess {

    /** Not read because such a process has no such thing. */
    public static final int SKIPPED = PlumblineHeader.NH_SKIPPED;

    /** What is read of a process at once, or fails at once. */
    public enum Part {
        STAT(PlumblineHeader.NH_ERR_STAT),
        STATUS(PlumblineHeader.NH_ERR_STATUS),
        CGROUP(PlumblineHeader.NH_ERR_CGROUP),
        LABEL(PlumblineHeader.NH_ERR_LABEL),
        COMMAND_LINE(PlumblineHeader.NH_ERR_CMDLINE),
        EXECUTABLE(PlumblineHeader.NH_ERR_EXE),
        THREADS(PlumblineHeader.NH_ERR_THREADS),
        EXECUTABLE_FILE(PlumblineHeader.NH_ERR_EXE_ID),
        ROOT(PlumblineHeader.NH_ERR_ROOT),
        WORKING_DIRECTORY(PlumblineHeader.NH_ERR_CWD);

        private final int index;

        Part(int index) {
            this.index = index;
        }
    }

    private final ByteBuffer buffer;
    private final int at;

    ScannedProcess(ByteBuffer buffer, int at) {
        this.buffer = buffer;
        this.at = at;
    }

    public int pid() {
        return buffer.getInt(at + PlumblineHeader.RECORD_PID);
    }

    public int parent() {
        return buffer.getInt(at + PlumblineHeader.RECORD_PPID);
    }

    /** The thread that the files were read of: the process's pid, or a living thread if the leader has ended. */
    public int readThread() {
        return buffer.getInt(at + PlumblineHeader.RECORD_READ_TID);
    }

    public long startTicks() {
        return buffer.getLong(at + PlumblineHeader.RECORD_START_TIME);
    }

    /** Of everything here but the state and the number of threads; to be compared with others of the same scanner only. */
    public long hash() {
        return buffer.getLong(at + PlumblineHeader.RECORD_HASH);
    }

    public char state() {
        return (char) (buffer.get(at + PlumblineHeader.RECORD_STATE) & 0xff);
    }

    public int threads() {
        return buffer.getInt(at + PlumblineHeader.RECORD_THREADS);
    }

    public boolean isKernelThread() {
        return (flags() & PlumblineHeader.NH_KERNEL_THREAD) != 0;
    }

    public boolean isCommandLineCut() {
        return (flags() & PlumblineHeader.NH_CMDLINE_TRUNCATED) != 0;
    }

    private int flags() {
        return buffer.getInt(at + PlumblineHeader.RECORD_FLAGS);
    }

    /** The errno of a part. */
    public int error(Part part) {
        return error(part.index);
    }

    /** The errno of a namespace's link. */
    public int error(NamespaceType type) {
        return error(PlumblineHeader.NH_ERR_NS + index(type));
    }

    private int error(int index) {
        return buffer.getShort(at + PlumblineHeader.RECORD_ERR + index * Short.BYTES) & 0xffff;
    }

    /** The inode of a namespace. */
    public long namespace(NamespaceType type) {
        return Integer.toUnsignedLong(buffer.getInt(at + PlumblineHeader.RECORD_NS + index(type) * Integer.BYTES));
    }

    static int index(NamespaceType type) {
        return switch (type) {
            case CGROUP -> PlumblineHeader.NH_NS_CGROUP;
            case IPC -> PlumblineHeader.NH_NS_IPC;
            case MNT -> PlumblineHeader.NH_NS_MNT;
            case NET -> PlumblineHeader.NH_NS_NET;
            case PID -> PlumblineHeader.NH_NS_PID;
            case USER -> PlumblineHeader.NH_NS_USER;
            case UTS -> PlumblineHeader.NH_NS_UTS;
        };
    }

    public byte[] comm() {
        return bytes(PlumblineHeader.RECORD_COMM);
    }

    public byte[] cgroup() {
        return bytes(PlumblineHeader.RECORD_CGROUP);
    }

    public byte[] label() {
        return bytes(PlumblineHeader.RECORD_LABEL);
    }

    /** Did {@code attr/current} give the label, or the error, and not AppArmor's own file? */
    public boolean isLabelFromCurrent() {
        return buffer.get(at + PlumblineHeader.RECORD_LABEL_SOURCE) == PlumblineHeader.NH_LABEL_CURRENT;
    }

    public byte[] executable() {
        return bytes(PlumblineHeader.RECORD_EXE);
    }

    public byte[] commandLine() {
        return bytes(PlumblineHeader.RECORD_CMDLINE);
    }

    public FileId executableFile() {
        int id = at + PlumblineHeader.RECORD_EXE_ID;
        return new FileId(
                buffer.getInt(id + PlumblineHeader.FILE_ID_DEV_MAJOR),
                buffer.getInt(id + PlumblineHeader.FILE_ID_DEV_MINOR),
                buffer.getLong(id + PlumblineHeader.FILE_ID_INO),
                buffer.getLong(id + PlumblineHeader.FILE_ID_MOUNT_ID));
    }

    /** The id of the mount that its root directory is on. */
    public long rootMount() {
        return buffer.getLong(at + PlumblineHeader.RECORD_ROOT_MOUNT);
    }

    /** The id of the mount that its working directory is on. */
    public long workingDirectoryMount() {
        return buffer.getLong(at + PlumblineHeader.RECORD_CWD_MOUNT);
    }

    /** What status says of the leader. */
    public ScannedStatus status() {
        return ScannedStatus.ofRecord(buffer, at);
    }

    /** Is there {@code NSpid:}? */
    public boolean hasNsPids() {
        return (buffer.getInt(at + PlumblineHeader.RECORD_STATUS_SEEN) & PlumblineHeader.NH_SEEN_NSPID) != 0;
    }

    public List<Integer> nsPids() {
        Item item = Item.at(buffer, at + PlumblineHeader.RECORD_NSPID);
        List<Integer> pids = new ArrayList<>(item.length() / Integer.BYTES);
        for (int i = 0; i < item.length(); i += Integer.BYTES) {
            pids.add(buffer.getInt(item.offset() + i));
        }
        return List.copyOf(pids);
    }

    /** The threads that are not as their leader, or could not be read. */
    public List<ScannedThread> differingThreads() {
        Item item = Item.at(buffer, at + PlumblineHeader.RECORD_THREADS_DIFFERING);
        List<ScannedThread> threads = new ArrayList<>(item.length() / PlumblineHeader.THREAD_SIZE);
        for (int i = 0; i < item.length(); i += PlumblineHeader.THREAD_SIZE) {
            threads.add(new ScannedThread(buffer, item.offset() + i));
        }
        return threads;
    }

    /** A thread that is not as its leader; only of one whose status was read anything else means something. */
    public static final class ScannedThread {

        private final ByteBuffer buffer;
        private final int at;

        ScannedThread(ByteBuffer buffer, int at) {
            this.buffer = buffer;
            this.at = at;
        }

        public int tid() {
            return buffer.getInt(at + PlumblineHeader.THREAD_TID);
        }

        /** The errno of its status. */
        public int error() {
            return buffer.getShort(at + PlumblineHeader.THREAD_ERR) & 0xffff;
        }

        public ScannedStatus status() {
            return ScannedStatus.ofThread(buffer, at);
        }

        /** The errno of a namespace's link. */
        public int error(NamespaceType type) {
            return buffer.getShort(at + PlumblineHeader.THREAD_NS_ERR + index(type) * Short.BYTES) & 0xffff;
        }

        /** Is it as its leader in all but the mounts of its directories? */
        public boolean differsInDirectoriesOnly() {
            return differs() == PlumblineHeader.NH_DIFFERS_DIRECTORIES;
        }

        /** Is a mount of its directories another than its leader's? */
        public boolean differsInDirectories() {
            return (differs() & PlumblineHeader.NH_DIFFERS_DIRECTORIES) != 0;
        }

        private int differs() {
            return buffer.getInt(at + PlumblineHeader.THREAD_DIFFERS);
        }

        /** The id of the mount that its root directory is on; 0 where it could not be read. */
        public long rootMount() {
            return mount(PlumblineHeader.THREAD_ROOT_ERR, PlumblineHeader.THREAD_ROOT_MOUNT);
        }

        /** The id of the mount that its working directory is on; 0 where it could not be read. */
        public long workingDirectoryMount() {
            return mount(PlumblineHeader.THREAD_CWD_ERR, PlumblineHeader.THREAD_CWD_MOUNT);
        }

        private long mount(int error, int mount) {
            return buffer.getShort(at + error) == 0 ? buffer.getLong(at + mount) : 0;
        }

        /** The inode of a namespace. */
        public long namespace(NamespaceType type) {
            return Integer.toUnsignedLong(buffer.getInt(at + PlumblineHeader.THREAD_NS + index(type) * Integer.BYTES));
        }
    }

    private byte[] bytes(int field) {
        Item item = Item.at(buffer, at + field);
        byte[] bytes = new byte[item.length()];
        buffer.get(item.offset(), bytes);
        return bytes;
    }

    /** Where bytes of no fixed length are. */
    record Item(int offset, int length) {
        static Item at(ByteBuffer buffer, int field) {
            return new Item(
                    buffer.getInt(field + PlumblineHeader.ITEM_OFFSET),
                    buffer.getInt(field + PlumblineHeader.ITEM_LENGTH));
        }
    }
}
