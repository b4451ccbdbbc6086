package io.plumbline.attribution;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the path of one cgroup says of pod and container.
 *
 * @param root what stands before the kubelet's part; empty text for the usual {@code /kubepods...}, and for a path without a pod
 * @param podUid as the kubelet writes it, underscores of a systemd slice turned back into dashes
 * @param containerId the segment below the pod's, without the runtime's prefix and {@code .scope}
 * @param directory the path up to and with the container's segment (the pod's where there is none): one container has one
 * @param kind what that segment is
 */
record CgroupPlace(String root, Optional<String> podUid, Optional<String> containerId, String directory, Kind kind) {

    /** What stands at the end of {@link #directory}. */
    enum Kind {
        ORDINARY,
        /** conmon's cgroup below a pod's, which is not the container. */
        MONITOR,
        /** A container beside the reader's own, named without its pod: the reader sees from inside of a cgroup namespace. */
        SIBLING
    }

    private static final String UID = "[0-9a-f]{8}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{4}[-_]?[0-9a-f]{12}";

    /** {@code pod<uid>} of the cgroupfs driver, {@code [...-]pod<uid_>.slice} of the systemd driver. */
    private static final Pattern POD = Pattern.compile("pod(" + UID + ")|(?:[^:]*-)?pod(" + UID + ")\\.slice");

    /** containerd told in systemd's notation while it manages cgroups itself: slice, prefix and id in one name. */
    private static final Pattern COLON = Pattern.compile("(?:[^:]*-)?pod(" + UID + ")\\.slice:([a-z-]+):([^:]+)");

    /** {@code kubepods}, {@code kubelet-kubepods-burstable.slice}, or a whole pod's name of the systemd driver: here the kubelet's part begins. */
    private static final Pattern KUBELET = Pattern.compile(
            "(?:[A-Za-z0-9_-]+-)?kubepods(?:-(?:burstable|besteffort))?(?:\\.slice|-pod" + UID + "\\.slice.*)?");

    /** What may stand between the kubelet's root and a pod, beside the above. */
    private static final Pattern QUALITY = Pattern.compile("burstable|besteffort");

    private static final Pattern SCOPE =
            Pattern.compile("(?:(cri-containerd|crio|docker|libpod|containerd)-)?(.+?)(?:\\.scope)?");

    private static final Pattern BARE =
            Pattern.compile("(?:docker|crio|cri-containerd|libpod|containerd)-([0-9a-f]{64})\\.scope|([0-9a-f]{64})");

    private static final String UP = "..";

    /**
     * Reads a path. The outermost pod counts, and only where the kubelet puts pods: in {@code kubepods}, with nothing but the quality of
     * service between. A container may make cgroups of any name below its own.
     *
     * @param path as in {@code /proc/<pid>/cgroup}
     * @param nodeBase cgroup of the node's own init: what stands before it belongs to whoever made the node
     */
    static CgroupPlace of(String path, String nodeBase) {
        String[] segments = below(path, nodeBase).split("/", -1);
        int i = 1;
        while (i < segments.length && segments[i].equals(UP)) {
            i++;
        }
        StringBuilder directory = new StringBuilder(("/" + UP).repeat(i - 1));
        // Seen from inside of a cgroup namespace the names that the reader's own path shares with this one are missing.
        boolean kubelet = i > 1;
        int rootEnd = 0;
        for (; i < segments.length; i++) {
            String segment = segments[i];
            Matcher pod = POD.matcher(segment);
            boolean begins = KUBELET.matcher(segment).matches();
            if (begins && !kubelet) {
                rootEnd = directory.length();
            }
            kubelet = begins
                    || (kubelet && (pod.matches() || QUALITY.matcher(segment).matches()));
            directory.append('/').append(segment);
            if (!kubelet) {
                continue;
            }
            String root = directory.substring(0, rootEnd);
            Matcher colon = COLON.matcher(segment);
            if (colon.matches()) {
                return new CgroupPlace(
                        root,
                        Optional.of(uid(colon.group(1))),
                        Optional.of(colon.group(3)),
                        directory.toString(),
                        Kind.ORDINARY);
            }
            if (pod.matches()) {
                String uid = uid(pod.group(1) != null ? pod.group(1) : pod.group(2));
                return inPod(root, uid, directory.toString(), i + 1 < segments.length ? segments[i + 1] : "");
            }
        }
        return outsidePods(path, nodeBase);
    }

    private static CgroupPlace inPod(String root, String uid, String directory, String next) {
        if (next.isEmpty()) {
            return new CgroupPlace(root, Optional.of(uid), Optional.empty(), directory, Kind.ORDINARY);
        }
        boolean monitor = next.startsWith("crio-conmon-") || next.startsWith("libpod-conmon-");
        return new CgroupPlace(
                root,
                Optional.of(uid),
                monitor ? Optional.empty() : Optional.of(id(next)),
                directory + "/" + next,
                monitor ? Kind.MONITOR : Kind.ORDINARY);
    }

    /** The same path read as if no segment named a pod: the outermost container of a runtime that names its cgroup after the id. */
    static CgroupPlace outsidePods(String path, String nodeBase) {
        String below = below(path, nodeBase);
        String[] segments = below.split("/", -1);
        StringBuilder directory = new StringBuilder();
        for (int i = 1; i < segments.length; i++) {
            directory.append('/').append(segments[i]);
            Matcher bare = BARE.matcher(segments[i]);
            if (bare.matches()) {
                String id = bare.group(1) != null ? bare.group(1) : bare.group(2);
                return new CgroupPlace(
                        "",
                        Optional.empty(),
                        Optional.of(id),
                        directory.toString(),
                        segments[i - 1].equals(UP) ? Kind.SIBLING : Kind.ORDINARY);
            }
        }
        return new CgroupPlace("", Optional.empty(), Optional.empty(), below, Kind.ORDINARY);
    }

    /** Does the kubelet's part lie in a container's cgroup? So it is on a node that is itself a container, and in any imitation. */
    boolean isInContainer() {
        for (String segment : root.split("/", -1)) {
            if (BARE.matcher(segment).matches()) {
                return true;
            }
        }
        return false;
    }

    /** Does it lie where systemd lets users make cgroups? */
    boolean isInUserSlice() {
        return isInUserSlice(root);
    }

    static boolean isInUserSlice(String path) {
        return path.equals("/user.slice") || path.startsWith("/user.slice/");
    }

    /** The path as the node itself names it. */
    static String below(String path, String nodeBase) {
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
