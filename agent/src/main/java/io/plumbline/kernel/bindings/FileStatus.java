package io.plumbline.kernel.bindings;

/**
 * Which file it is: statx(2).
 *
 * @param mode type and permissions
 * @param inode of the file, as stat(2) tells it
 * @param mountId the first field of its mount in mountinfo; 0 before Linux 5.8
 */
public record FileStatus(int mode, int deviceMajor, int deviceMinor, long inode, long mountId) {

    private static final int S_IFMT = 0xf000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFLNK = 0xa000;

    public boolean isRegular() {
        return (mode & S_IFMT) == S_IFREG;
    }

    public boolean isLink() {
        return (mode & S_IFMT) == S_IFLNK;
    }
}
