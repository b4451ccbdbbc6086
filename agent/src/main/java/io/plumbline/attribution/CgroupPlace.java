package io.plumbline.attribution;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the path of one cgroup says of pod and container.
 *
 * @param podUid as the kubelet writes it, underscores of a systemd slice turned back into dashes
 * @param containerId the segment below the pod's, without the runtime's prefix and {@code .scope}
 * @param directory the path up to and with the container's segment (the pod's where there is none): one container has one
 * @param monitor the segment below the pod's is conmon's, which is not the container
 */
record CgroupPlace(Optional<String> podUid, Optional<String> containerId, String directory, boolean monitor) {

    private static final String UID = "[0-9a-f]{8}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{12}";

    /** {@code pod<uid>} of the cgroupfs driver, {@code [...-]pod<uid_>.slice} of the systemd driver. */
    private static final Pattern POD = Pattern.compile("pod(" + UID + ")|(?:[^:]*-)?pod(" + UID + ")\\.slice");

    /** containerd told in systemd's notation while it manages cgroups itself: slice, prefix and id in one name. */
    private static final Pattern COLON = Pattern.compile("(?:[^:]*-)?pod(" + UID + ")\\.slice:([a-z-]+):([^:]+)");

    private static final Pattern SCOPE =
            Pattern.compile("(?:(cri-containerd|crio|docker|libpod|containerd)-)?(.+?)(?:\\.scope)?");

    private static final Pattern BARE =
            Pattern.compile("(?:docker|crio|cri-containerd|libpod|containerd)-([0-9a-f]{64})\\.scope|([0-9a-f]{64})");

    /**
     * Reads a path.
     *
     * @param path as in {@code /proc/<pid>/cgroup}
     * @param nodeBase cgroup of the node's own init: what stands before it belongs to whoever made the node
     */
    static CgroupPlace of(String path, String nodeBase) {
        String below = below(path, nodeBase);
        String[] segments = below.split("/", -1);
        boolean kubelet = below.startsWith("/../") || below.startsWith("../");
        StringBuilder directory = new StringBuilder();
        for (int i = 1; i < segments.length; i++) {
            String segment = segments[i];
            directory.append('/').append(segment);
            kubelet |= segment.contains("kubepods");
            if (!kubelet) {
                continue;
            }
            Matcher colon = COLON.matcher(segment);
            if (colon.matches()) {
                return new CgroupPlace(
                        Optional.of(uid(colon.group(1))), Optional.of(colon.group(3)), directory.toString(), false);
            }
            Matcher pod = POD.matcher(segment);
            if (pod.matches()) {
                String uid = uid(pod.group(1) != null ? pod.group(1) : pod.group(2));
                if (i + 1 >= segments.length || segments[i + 1].isEmpty()) {
                    return new CgroupPlace(Optional.of(uid), Optional.empty(), directory.toString(), false);
                }
                String next = segments[i + 1];
                directory.append('/').append(next);
                boolean monitor = next.startsWith("crio-conmon-") || next.startsWith("libpod-conmon-");
                return new CgroupPlace(
                        Optional.of(uid),
                        monitor ? Optional.empty() : Optional.of(id(next)),
                        directory.toString(),
                        monitor);
            }
        }
        return container(below, segments);
    }

    /** Outside of every pod: a container of a runtime that names its cgroup after the id, or nothing. */
    private static CgroupPlace container(String below, String[] segments) {
        StringBuilder directory = new StringBuilder();
        for (int i = 1; i < segments.length; i++) {
            directory.append('/').append(segments[i]);
            Matcher bare = BARE.matcher(segments[i]);
            if (bare.matches()) {
                String id = bare.group(1) != null ? bare.group(1) : bare.group(2);
                return new CgroupPlace(Optional.empty(), Optional.of(id), directory.toString(), false);
            }
        }
        return new CgroupPlace(Optional.empty(), Optional.empty(), below, false);
    }

    private static String below(String path, String nodeBase) {
        if (!nodeBase.equals("/") && (path.equals(nodeBase) || path.startsWith(nodeBase + "/"))) {
            return path.length() == nodeBase.length() ? "/" : path.substring(nodeBase.length());
        }
        return path;
    }

    private static String uid(String text) {
        return text.replace('_', '-');
    }

    private static String id(String segment) {
        Matcher scope = SCOPE.matcher(segment);
        return scope.matches() ? scope.group(2) : segment;
    }
}
