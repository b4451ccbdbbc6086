package io.plumbline.checks.drift;

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
