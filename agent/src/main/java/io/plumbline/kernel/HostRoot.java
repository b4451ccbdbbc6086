package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.FileStatus;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.Reading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The node's own {@code /}, for what lies outside of {@code /proc}.
 *
 * @param path where it lies, one char for each byte; empty where there is none, as for a captured tree
 */
record HostRoot(KernelFiles files, Optional<String> path) {

    static final String NOT_HERE = "not in this tree";

    private static final int FILE_LIMIT = 16 << 20;
    /** As many links as the kernel follows, path_resolution(7). */
    private static final int LINKS = 40;

    /** A small file of sysfs or its like; unreadable where there is no host root. */
    Reading<Content> file(String absolute) {
        return path.map(root -> {
                    int length = files.readAll(KernelFiles.NOWHERE, root + absolute, FILE_LIMIT);
                    return length < 0
                            ? ProcTree.<Content>failed(absolute, length)
                            : Reading.of(new Content(absolute, files.bytes(), length));
                })
                .orElseGet(() -> new Reading.Unreadable<>(absolute, NOT_HERE));
    }

    /** The names in a directory. */
    Reading<List<String>> list(String absolute) {
        return path.map(root -> {
                    List<String> names = new ArrayList<>();
                    int error = files.list(KernelFiles.NOWHERE, root + absolute, names);
                    return error < 0 ? ProcTree.<List<String>>failed(absolute, error) : Reading.of(names);
                })
                .orElseGet(() -> new Reading.Unreadable<>(absolute, NOT_HERE));
    }

    boolean exists(String absolute) {
        return path.isPresent() && files.status(KernelFiles.NOWHERE, path.get() + absolute, false) == 0;
    }

    /**
     * Looks for a file in a directory that a workload fills: the directory itself is the host's, and links on the way to it are followed
     * below the host's root; below it nothing is followed, because every name there is the workload's choice.
     *
     * @param directory an absolute path of the host
     * @param file a path below it, one char for each byte
     * @return absent if there is no such file
     */
    Reading<FileStatus> lookUp(String directory, String file) {
        if (path.isEmpty()) {
            return new Reading.Unreadable<>(KernelFiles.text(directory), "the image's file system is " + NOT_HERE);
        }
        int top = openInside(path.get(), directory);
        if (top < 0) {
            // Absent as well: a layer that is not there says nothing of what is in it.
            return new Reading.Unreadable<>(KernelFiles.text(directory), Errno.name(-top));
        }
        Deque<String> names = new ArrayDeque<>(components(file));
        String last = names.isEmpty() ? "." : names.removeLast();
        int parent = descend(top, names);
        String source = KernelFiles.text(directory + file);
        if (parent < 0) {
            return ProcTree.failed(source, parent);
        }
        int error = files.status(parent, last, false);
        FileStatus found = error < 0 ? null : files.lastStatus();
        files.close(parent);
        return found == null ? ProcTree.failed(source, error) : Reading.of(found);
    }

    /** Goes down by names that must be directories; closes where it started. */
    private int descend(int start, Iterable<String> names) {
        int at = start;
        for (String name : names) {
            if (at < 0) {
                break;
            }
            int next = files.openDirectoryHere(at, name);
            files.close(at);
            at = next;
        }
        return at;
    }

    /** Opens a directory below a root as chroot(2) would: absolute links begin at that root, and {@code ..} does not leave it. */
    private int openInside(String root, String directory) {
        Deque<String> rest = new ArrayDeque<>(components(directory));
        Deque<String> done = new ArrayDeque<>();
        int links = 0;
        int at = files.openDirectory(KernelFiles.NOWHERE, root);
        while (at >= 0 && !rest.isEmpty()) {
            String name = rest.removeFirst();
            if (name.equals("..")) {
                files.close(at);
                done.pollLast();
                at = descend(files.openDirectory(KernelFiles.NOWHERE, root), done);
                continue;
            }
            int next = files.openDirectoryHere(at, name);
            int link = next < 0 ? files.readLink(at, name) : -1;
            if (link < 0) {
                files.close(at);
                at = next;
                done.addLast(name);
                continue;
            }
            links++;
            String target = files.byteString(link);
            List<String> names = components(target);
            for (int i = names.size() - 1; i >= 0; i--) {
                rest.addFirst(names.get(i));
            }
            if (target.startsWith("/") || links > LINKS) {
                files.close(at);
                done.clear();
                at = links > LINKS ? -Errno.ELOOP : files.openDirectory(KernelFiles.NOWHERE, root);
            }
        }
        return at;
    }

    private static List<String> components(String path) {
        List<String> components = new ArrayList<>();
        for (String name : path.split("/", -1)) {
            if (!name.isEmpty() && !name.equals(".")) {
                components.add(name);
            }
        }
        return components;
    }
}
