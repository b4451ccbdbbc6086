package io.plumbline.kernel.bindings;

/**
 * Which file it is, whatever its name: statx(2).
 *
 * @param inode as stat(2) tells it
 * @param mountId the first field of its mount in mountinfo; 0 before Linux 5.8
 */
public record FileId(int deviceMajor, int deviceMinor, long inode, long mountId) {}
