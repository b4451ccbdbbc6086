package io.plumbline.model;

import java.util.Optional;

/**
 * Where the file that a process runs comes from, as far as its mount table and the host's view of the layers tell.
 *
 * @param kind the answer
 * @param evidence the mount or path that it was read from
 * @param elsewhere inode of the mount namespace that the file's mount is in, if it is not the process's: one that the process has left
 *     since its exec, or one that it never was in
 */
public record ExecutableOrigin(Kind kind, String evidence, Optional<Long> elsewhere) {

    public ExecutableOrigin(Kind kind, String evidence) {
        this(kind, evidence, Optional.empty());
    }

    /** The same on a mount of another namespace than the process's. */
    public ExecutableOrigin in(long namespace) {
        return new ExecutableOrigin(kind, evidence, Optional.of(namespace));
    }

    /** The possible origins. */
    public enum Kind {
        /** A read-only layer of the image. */
        IMAGE,
        /** The container's writable layer: written after the container was made. */
        WRITABLE_LAYER,
        /** A file system that is mounted into the container. */
        VOLUME,
        /** A mount of the node's own, which was not given to the container: by a descriptor that somebody opened there. */
        HOST,
        /** An anonymous file in memory, memfd_create(2). */
        MEMFD,
        /** A file that has been unlinked or replaced since. */
        DELETED
    }
}
