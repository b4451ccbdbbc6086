package io.plumbline.kernel;

/**
 * The mounts that a process's directories are on, by the number that mountinfo begins with; 0 where it is not known.
 *
 * @param root of its root directory
 * @param workingDirectory of its working directory
 */
record DirectoryMounts(long root, long workingDirectory) {

    static final DirectoryMounts UNKNOWN = new DirectoryMounts(0, 0);
}
