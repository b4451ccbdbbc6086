package io.plumbline.kernel.bindings;

/**
 * What kind of file, and which: statx(2).
 *
 * @param mode type and permissions, as st_mode of stat(2)
 */
public record FileStatus(int mode, FileId id) {

    private static final int S_IFMT = 0xf000;
    private static final int S_IFREG = 0x8000;

    public boolean isRegular() {
        return (mode & S_IFMT) == S_IFREG;
    }
}
