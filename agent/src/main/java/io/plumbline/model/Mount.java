package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * One line of {@code /proc/<pid>/mountinfo}, see proc_pid_mountinfo(5). Octal escapes are resolved.
 *
 * @param device {@code major:minor} of the file system
 * @param root the directory of the file system that is the root of this mount
 * @param mountPoint as the processes of the namespace name it that are in no chroot
 * @param options per-mount options (field 6): here {@code ro} means what it says
 * @param superOptions options of the file system: on an overlay {@code rw} even where the mount is read-only
 * @param line as the kernel wrote it: evidence
 */
public record Mount(
        int id,
        int parent,
        String device,
        String root,
        String mountPoint,
        List<String> options,
        String fileSystemType,
        String source,
        List<String> superOptions,
        String line) {

    public Mount {
        options = List.copyOf(options);
        superOptions = List.copyOf(superOptions);
    }

    /** The same mount as who is outside of a chroot to this directory names it. */
    Mount below(String directory) {
        return new Mount(
                id,
                parent,
                device,
                root,
                mountPoint.equals("/") ? directory : directory + mountPoint,
                options,
                fileSystemType,
                source,
                superOptions,
                line);
    }

    /** Is this mount read-only, or the whole file system? */
    public boolean isReadOnly() {
        return options.contains("ro") || superOptions.contains("ro");
    }

    /** Does nothing that is mounted on the same directory elsewhere appear on this mount too? See mount_namespaces(7). */
    public boolean isPrivate() {
        String fields = line.substring(0, Math.max(0, line.indexOf(" - ")));
        return !fields.contains(" shared:") && !fields.contains(" master:");
    }

    /** The value of a super option, {@code upperdir} of an overlay for example. */
    public Optional<String> superOption(String name) {
        String prefix = name + "=";
        return superOptions.stream()
                .filter(option -> option.startsWith(prefix))
                .map(option -> option.substring(prefix.length()))
                .findFirst();
    }
}
