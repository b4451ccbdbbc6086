package io.plumbline.checks.drift;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Paths of mounts: one name for each, and which lies where. */
final class MountPoints {

    /** Directories that are links in one image and not in another, or in an image and not on the node. */
    private static final Map<String, String> LINKS = Map.of(
            "/var/run", "/run", "/bin", "/usr/bin", "/sbin", "/usr/sbin", "/lib", "/usr/lib", "/lib64", "/usr/lib64");

    private MountPoints() {}

    static boolean isAtOrBelow(String at, String path) {
        return at.startsWith(path)
                && (at.length() == path.length() || path.equals("/") || at.charAt(path.length()) == '/');
    }

    /**
     * A path and all directories that it lies in, up to {@code /}. Of a workload's mounts there may be many thousands: who is below one of
     * them is asked by these, and not of each.
     */
    static List<String> upFrom(String path) {
        List<String> all = new ArrayList<>();
        all.add(path);
        for (int end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
            all.add(path.substring(0, end));
        }
        if (!path.equals("/")) {
            all.add("/");
        }
        return all;
    }

    /** One name for a path that may be reached through a link. */
    static String alias(String path) {
        for (Map.Entry<String, String> link : LINKS.entrySet()) {
            if (isAtOrBelow(path, link.getKey())) {
                return link.getValue() + path.substring(link.getKey().length());
            }
        }
        return path;
    }
}
