package io.plumbline.apparmor;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which names a profile of ours may have.
 *
 * <p>The kernel takes nearly any text, and some names do harm: one that is too long leaves a half-made directory behind that makes every
 * later load on the node fail with EEXIST until some profile is removed; {@code unconfined} catches processes that are meant to be
 * unconfined; one that looks like a label, or is in another policy namespace, cannot be told apart in {@code attr/current}.
 */
final class ProfileNames {

    /** The kernel appends a dot and a number, and a file's name has 255 bytes at most. */
    static final int LONGEST = 200;

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9._-]{1," + LONGEST + "}");

    /** Whose they are: the kernel's word, runtimes' defaults and runtimes' own profiles, Ubuntu's for user namespaces. */
    private static final Set<String> RESERVED = Set.of(
            "unconfined",
            "docker-default",
            "cri-containerd.apparmor.d",
            "crio-default",
            "moby-default",
            "nerdctl-default",
            "lxc-container-default",
            "runc",
            "crun",
            "containerd",
            "dockerd",
            "unprivileged_userns",
            ProfileNames.ANCHOR);

    /** podman names its default after its version. */
    private static final List<String> RESERVED_STARTS = List.of("containers-default-", "libpod-default");

    /** A profile of ours that nobody is under, see PolicyLoader. */
    static final String ANCHOR = "plumbline-anchor";

    private ProfileNames() {}

    /** Why a profile of ours may not have this name; empty if it may. */
    static Optional<String> trouble(String name) {
        String[] parts = name.split("//", -1);
        for (String part : parts) {
            if (!PLAIN.matcher(part).matches() || part.equals(".") || part.equals("..")) {
                return Optional.of("the name '" + name + "' is refused: up to " + LONGEST
                        + " letters, digits, '.', '_' and '-' are safe with every kernel");
            }
        }
        if (name.length() > LONGEST) {
            return Optional.of("the name '" + name + "' is refused: longer than " + LONGEST + " characters");
        }
        if (RESERVED.contains(parts[0]) || RESERVED_STARTS.stream().anyMatch(parts[0]::startsWith)) {
            return Optional.of("the name '" + parts[0] + "' is reserved: "
                    + (parts[0].equals("unconfined")
                            ? "it is the kernel's word for no profile"
                            : "a runtime or this agent has a profile of that name")
                    + "; give it another one");
        }
        return Optional.empty();
    }
}
