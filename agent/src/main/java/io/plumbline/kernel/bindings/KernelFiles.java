package io.plumbline.kernel.bindings;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the files of procfs, sysfs and their like as system calls give them: relative to a directory descriptor, by bytes, with the errno.
 *
 * <p>Why not java.nio.file: a name of the kernel is bytes and may be no text at all; an error there is a sentence of the C
 * library's language instead of a number; and a descriptor of {@code /proc/<pid>} is bound to the process, which a path is not.
 *
 * <p>Names and links are byte strings here: each char is one byte, 0 to 255. What a call read is in {@link #bytes()} until the
 * next call. Every int that may be negative is {@code -errno} then. Not for two threads at a time.
 */
public final class KernelFiles {

    /** For {@code directory}: the name is absolute, or relative to the working directory. */
    public static final int NOWHERE = Libc.AT_FDCWD;

    private static final int PATH_MAX = 4096;
    private static final int FIRST_CAPACITY = 64 << 10;
    private static final long PROC_SUPER_MAGIC = 0x9fa0;

    // linux/stat.h, struct statx: the same on every architecture
    private static final int STX_MASK = 0;
    private static final int STX_MODE = 28;
    private static final int STX_INO = 32;
    private static final int STX_DEV_MAJOR = 136;
    private static final int STX_DEV_MINOR = 140;
    private static final int STX_MNT_ID = 144;

    // dirent.h of glibc and musl with 64-bit offsets: d_name stands behind ino, off, reclen and type
    private static final int D_TYPE = 18;
    private static final int D_NAME = 19;
    private static final byte DT_UNKNOWN = 0;
    private static final byte DT_DIR = 4;

    private final Memory name = memory(PATH_MAX);
    private final Memory buffer = memory(FIRST_CAPACITY);
    private final long nameAddress = Pointer.nativeValue(name);
    private final long bufferAddress = Pointer.nativeValue(buffer);
    private byte[] bytes = new byte[FIRST_CAPACITY];

    /** The first thing that is asked of JNA: whoever cannot load it is told so here. */
    private static Memory memory(int size) {
        try {
            return new Memory(size);
        } catch (LinkageError e) {
            throw new UncheckedIOException(
                    new IOException("no system call can be made: JNA's own library cannot be loaded here", e));
        }
    }

    /** A path of Java as a byte string. */
    public static String byteString(Path path) {
        return byteString(path.toString());
    }

    /** A text as the byte string of its UTF-8 form. */
    public static String byteString(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** A byte string as text; what is not UTF-8 is replaced by U+FFFD. */
    public static String text(String byteString) {
        return new String(byteString.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    /** What the last successful read left, from the first byte on; the array is used again. */
    public byte[] bytes() {
        return bytes;
    }

    /** Opens a directory to look below it, open(2) with O_PATH; a link at its end is followed. A descriptor or {@code -errno}. */
    public int openDirectory(int directory, String path) {
        return open(directory, path, Libc.O_PATH | Libc.O_DIRECTORY);
    }

    /** The same for one name which must not be a link: ENOTDIR or ELOOP if it is one. */
    public int openDirectoryHere(int directory, String oneName) {
        return open(directory, oneName, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW);
    }

    /** Closes what an open of this class returned. */
    public void close(int descriptor) {
        // close(2) has released the descriptor even where it fails, and nothing was written.
        Libc.close(descriptor);
    }

    /**
     * Reads a file that the kernel gives out whole, in one read(2) if there is room: stat, status, cgroup, cmdline, attr.
     *
     * @param limit no more bytes than that
     * @return how many bytes, or {@code -errno}
     */
    public int readRecord(int directory, String path, int limit) {
        return read(directory, path, limit, true, Libc.O_NOFOLLOW);
    }

    /** The same, also through links: for a file system whose links only the kernel makes, such as securityfs. */
    public int readLinkedRecord(String path, int limit) {
        return read(NOWHERE, path, limit, true, 0);
    }

    /** Reads a file that the kernel gives out piece by piece: mountinfo, net/tcp, and any ordinary file. */
    public int readAll(int directory, String path, int limit) {
        return read(directory, path, limit, false, Libc.O_NOFOLLOW);
    }

    /** One read(2) of an open file, {@link #openToWait}. How many bytes, 0 at its end, or {@code -errno}: EAGAIN where there is nothing yet. */
    public int readOnce(int descriptor, int limit) {
        try (Memory record = new Memory(limit)) {
            long length = Libc.read(descriptor, Pointer.nativeValue(record), limit);
            if (length < 0) {
                return -Native.getLastError();
            }
            if (bytes.length < length) {
                bytes = new byte[limit];
            }
            record.read(0, bytes, 0, (int) length);
            return (int) length;
        }
    }

    /** Reads the text of a symbolic link. Its length, or {@code -errno}. */
    public int readLink(int directory, String path) {
        if (!setName(path)) {
            return -Errno.EINVAL;
        }
        long length = Libc.readlinkat(directory, nameAddress, bufferAddress, FIRST_CAPACITY);
        if (length < 0) {
            return -Native.getLastError();
        }
        buffer.read(0, bytes, 0, (int) length);
        return (int) length;
    }

    /** The last read's first bytes as a byte string. */
    public String byteString(int length) {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** The unit of times in {@code /proc/<pid>/stat}, a part of a second: {@code sysconf(_SC_CLK_TCK)}. */
    public long ticksPerSecond() {
        return Libc.sysconf(Libc.SC_CLK_TCK);
    }

    /**
     * Asks for a file's identity, statx(2), without waiting for a network's file server.
     *
     * @param follow look at what a link at the end leads to, also the magic ones of procfs
     * @return 0 or {@code -errno}; then {@link #lastStatus} has it
     */
    public int status(int directory, String path, boolean follow) {
        if (!setName(path)) {
            return -Errno.EINVAL;
        }
        int flags = Libc.AT_NO_AUTOMOUNT | Libc.AT_STATX_DONT_SYNC | (follow ? 0 : Libc.AT_SYMLINK_NOFOLLOW);
        int mask = Libc.STATX_BASIC_STATS | Libc.STATX_MNT_ID;
        return Libc.statx(directory, nameAddress, flags, mask, bufferAddress) < 0 ? -Native.getLastError() : 0;
    }

    /**
     * Writes to a file that is there, in one write(2): what the kernel takes as one transaction.
     *
     * @return 0 or {@code -errno}; EIO if the kernel took less than all
     */
    public int writeOnce(String path, byte[] data) {
        int opened = open(NOWHERE, path, Libc.O_WRONLY | Libc.O_NOFOLLOW | Libc.O_NOCTTY);
        if (opened < 0) {
            return opened;
        }
        try (Memory all = new Memory(Math.max(1, data.length))) {
            all.write(0, data, 0, data.length);
            long written = Libc.write(opened, Pointer.nativeValue(all), data.length);
            int error = written < 0 ? Native.getLastError() : 0;
            return written < 0 ? -error : written == data.length ? 0 : -Errno.EIO;
        } finally {
            close(opened);
        }
    }

    /** What the last {@link #status} found; no other call may stand between. */
    public FileStatus lastStatus() {
        boolean withMount = (buffer.getInt(STX_MASK) & Libc.STATX_MNT_ID) != 0;
        return new FileStatus(
                buffer.getShort(STX_MODE) & 0xffff,
                new FileId(
                        buffer.getInt(STX_DEV_MAJOR),
                        buffer.getInt(STX_DEV_MINOR),
                        buffer.getLong(STX_INO),
                        withMount ? buffer.getLong(STX_MNT_ID) : 0));
    }

    /** Names in a directory, in its order, without {@code .} and {@code ..}. Returns 0 or {@code -errno}. */
    public int list(int directory, String path, List<String> names) {
        return list(directory, path, false, names);
    }

    /** The same, of directories only. */
    public int listDirectories(int directory, String path, List<String> names) {
        return list(directory, path, true, names);
    }

    private int list(int directory, String path, boolean directoriesOnly, List<String> names) {
        int opened = open(directory, path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (opened < 0) {
            return opened;
        }
        long stream = Libc.fdopendir(opened);
        if (stream == 0) {
            int error = Native.getLastError();
            close(opened);
            return -error;
        }
        List<String> found = new ArrayList<>();
        for (long entry = Libc.readdir(stream); entry != 0; entry = Libc.readdir(stream)) {
            Pointer child = new Pointer(entry);
            byte type = child.getByte(D_TYPE);
            String childName = child.getString(D_NAME, "ISO-8859-1");
            boolean wanted = !directoriesOnly || type == DT_DIR || type == DT_UNKNOWN;
            if (wanted && !childName.equals(".") && !childName.equals("..")) {
                found.add(childName);
            }
        }
        Libc.closedir(stream);
        names.addAll(found);
        return 0;
    }

    /** Is this descriptor in a mounted procfs? statfs(2) */
    public boolean isProcfs(int descriptor) {
        return Libc.fstatfs(descriptor, bufferAddress) == 0 && buffer.getLong(0) == PROC_SUPER_MAGIC;
    }

    /** Opens a file of the kernel that can be waited for, {@link ChangingFiles}, and is read without waiting. A descriptor or {@code -errno}. */
    public int openToWait(int directory, String path) {
        return open(directory, path, Libc.O_RDONLY | Libc.O_NOFOLLOW | Libc.O_NONBLOCK | Libc.O_NOCTTY);
    }

    private int open(int directory, String path, int flags) {
        if (!setName(path)) {
            return -Errno.EINVAL;
        }
        int opened = Libc.openat(directory, nameAddress, flags | Libc.O_CLOEXEC);
        return opened < 0 ? -Native.getLastError() : opened;
    }

    private int read(int directory, String path, int limit, boolean onePiece, int links) {
        // Not blocking and mostly no link: a captured tree may hold anything.
        int opened = open(directory, path, Libc.O_RDONLY | links | Libc.O_NONBLOCK | Libc.O_NOCTTY);
        if (opened < 0) {
            return opened;
        }
        int length = 0;
        while (length < limit) {
            int room = Math.min(FIRST_CAPACITY, limit - length);
            long got = Libc.read(opened, bufferAddress, room);
            if (got < 0) {
                int error = Native.getLastError();
                if (error == Errno.EINTR) {
                    continue;
                }
                close(opened);
                return -error;
            }
            if (length + got > bytes.length) {
                bytes = java.util.Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + (int) got));
            }
            buffer.read(0, bytes, length, (int) got);
            length += (int) got;
            if (got == 0 || (onePiece && got < room)) {
                break;
            }
        }
        close(opened);
        return length;
    }

    /** A name with a NUL or longer than the kernel takes names no file. */
    private boolean setName(String path) {
        int length = path.length();
        if (length >= PATH_MAX || path.indexOf('\0') >= 0) {
            return false;
        }
        byte[] raw = path.getBytes(StandardCharsets.ISO_8859_1);
        name.write(0, raw, 0, length);
        name.setByte(length, (byte) 0);
        return true;
    }
}
