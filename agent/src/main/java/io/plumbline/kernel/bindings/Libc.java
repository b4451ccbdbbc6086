package io.plumbline.kernel.bindings;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;

/**
 * The C library's calls that {@link KernelFiles} is made of, mapped directly: ints, longs and addresses only.
 *
 * <p>Each returns what its manual page in section 2 or 3 says, and leaves errno in {@link Native#getLastError()}.
 */
final class Libc {

    // bits/fcntl-linux.h, the same on x86-64 and aarch64 but for O_DIRECTORY and O_NOFOLLOW
    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_NOCTTY = 0x100;
    static final int O_NONBLOCK = 0x800;
    static final int O_CLOEXEC = 0x80000;
    static final int O_PATH = 0x200000;
    static final int O_DIRECTORY = Platform.isARM() ? 0x4000 : 0x10000;
    static final int O_NOFOLLOW = Platform.isARM() ? 0x8000 : 0x20000;
    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_NO_AUTOMOUNT = 0x800;
    static final int AT_STATX_DONT_SYNC = 0x4000;
    static final int STATX_BASIC_STATS = 0x7ff;
    static final int STATX_MNT_ID = 0x1000;
    // bits/confname.h
    static final int SC_CLK_TCK = 2;
    // linux/eventpoll.h
    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLLPRI = 2;
    /** asm-generic/ioctls.h: not that of every architecture, but of those that have a build. */
    static final long TIOCGWINSZ = 0x5413;

    static {
        Native.register(Libc.class, NativeLibrary.getInstance(Platform.C_LIBRARY_NAME));
    }

    private Libc() {}

    static native int openat(int directory, long path, int flags);

    static native long read(int descriptor, long buffer, long size);

    static native long write(int descriptor, long buffer, long size);

    static native int prlimit(int pid, int resource, long limit, long oldLimit);

    static native long readlinkat(int directory, long path, long buffer, long size);

    static native int statx(int directory, long path, int flags, int mask, long result);

    static native int fstatfs(int descriptor, long result);

    static native int ioctl(int descriptor, long request, long argument);

    static native long sysconf(int name);

    static native int close(int descriptor);

    static native long fdopendir(int descriptor);

    static native long readdir(long stream);

    static native int closedir(long stream);

    static native int epoll_create1(int flags);

    static native int epoll_ctl(int epoll, int operation, int descriptor, long event);

    static native int epoll_wait(int epoll, long events, int most, int longestMillis);
}
