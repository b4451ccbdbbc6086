package io.plumbline.model;

import java.util.Optional;

/**
 * A directory that a process, or a thread of it, has on a mount of another namespace than its own. Whoever makes or joins a mount namespace takes both of them
 * along, so that it came there by a descriptor that it should not have had, as in CVE-2024-21626, or by another process's links.
 *
 * @param link {@code root} or {@code cwd}, or {@code task/<tid>/cwd} of a thread: below the process's directory in {@code /proc}
 * @param path the link's text: as it is called in that other namespace
 * @param namespace inode of the mount namespace that the mount is in
 * @param mount the line of that namespace's {@code mountinfo}, as some process there sees it
 */
public record DirectoryElsewhere(String link, String path, long namespace, Optional<Evidence> mount) {}
