package io.plumbline.kernel.bindings;

/** Error numbers of Linux, errno(3): the same on every architecture that we build for. */
public final class Errno {

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EIO = 5;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EEXIST = 17;
    public static final int ENOTDIR = 20;
    public static final int EINVAL = 22;
    public static final int EFBIG = 27;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int ENOSYS = 38;
    public static final int ELOOP = 40;
    public static final int EBADMSG = 74;
    public static final int EPROTONOSUPPORT = 93;
    public static final int ETIMEDOUT = 110;
    public static final int ECONNREFUSED = 111;

    private Errno() {}

    /** The name of a number: {@code EACCES} for 13; {@code errno 9999} where there is no name. */
    public static String name(int errno) {
        // The common ones without loading jnr's table.
        return switch (errno) {
            case EPERM -> "EPERM";
            case ENOENT -> "ENOENT";
            case ESRCH -> "ESRCH";
            case EACCES -> "EACCES";
            case EINVAL -> "EINVAL";
            default -> nameInTable(errno);
        };
    }

    private static String nameInTable(int errno) {
        var found = jnr.constants.platform.Errno.valueOf(errno);
        return found == jnr.constants.platform.Errno.__UNKNOWN_CONSTANT__ ? "errno " + errno : found.name();
    }
}
