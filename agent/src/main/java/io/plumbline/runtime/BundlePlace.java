package io.plumbline.runtime;

import java.util.List;

/**
 * A place where a container runtime keeps what it knows of its containers.
 *
 * @param pattern an absolute path on the host in which a segment {@code *} stands for any one name, and one such as
 *     {@code *-containers} for any name that ends so
 * @param kind what lies there
 * @param personal it belongs to a user: looked into where readable, and never believed before one of root's
 */
public record BundlePlace(String pattern, Kind kind, boolean personal) {

    public BundlePlace {
        if (!pattern.startsWith("/") || pattern.endsWith("/") || pattern.contains("//")) {
            throw new IllegalArgumentException("a place must be an absolute path: " + pattern);
        }
        long names =
                List.of(pattern.split("/", -1)).stream().filter("*"::equals).count();
        if (names < kind.names) {
            throw new IllegalArgumentException("a place for " + kind + " needs " + kind.names + " '*': " + pattern);
        }
    }

    /** How a runtime lays out a container's directory. */
    public enum Kind {
        /** containerd's {@code <state>/io.containerd.runtime.v2.task/<namespace>/<id>}: a bundle with {@code init.pid}. */
        TASK(2),
        /** containers/storage's {@code <driver>-containers/<id>/userdata}: a bundle of CRI-O or podman with {@code pidfile}. */
        STORAGE(1),
        /** runc's {@code <root>/<id>/state.json}, which names pid and bundle. */
        RUNC_STATE(1),
        /** crun's {@code <root>/<id>/status}, which names pid and bundle. */
        CRUN_STATUS(1);

        private final int names;

        Kind(int names) {
            this.names = names;
        }

        /** Is a container that starts again in the directory that it had? The others get a new one, of the same name perhaps. */
        boolean isUsedAgain() {
            return this == STORAGE;
        }
    }

    /** The pattern's names from the root on. */
    List<String> segments() {
        return List.of(pattern.substring(1).split("/", -1));
    }

    /** The directory below which containers have their own, for a reader. */
    String directory() {
        String directory = pattern.endsWith("/userdata") ? parent(pattern) : pattern;
        while (directory.endsWith("/*")) {
            directory = parent(directory);
        }
        return directory;
    }

    private static String parent(String path) {
        return path.substring(0, path.lastIndexOf('/'));
    }

    /** The places of the runtimes that are known to us as their packages set them up, those believed first at the top. */
    public static List<BundlePlace> known() {
        return List.of(
                task("/run/containerd/io.containerd.runtime.v2.task/*/*"),
                task("/run/containerd/io.containerd.runtime.v1.linux/*/*"),
                // k3s and RKE2
                task("/run/k3s/containerd/io.containerd.runtime.v2.task/*/*"),
                task("/run/k0s/containerd/io.containerd.runtime.v2.task/*/*"),
                task("/var/snap/microk8s/common/run/containerd/io.containerd.runtime.v2.task/*/*"),
                // dockerd that starts its own containerd
                task("/run/docker/containerd/daemon/io.containerd.runtime.v2.task/*/*"),
                task("/run/snap.docker/containerd/daemon/io.containerd.runtime.v2.task/*/*"),
                // CRI-O's bundle and podman's pid; then CRI-O's copy and podman's bundle
                new BundlePlace("/run/containers/storage/*-containers/*/userdata", Kind.STORAGE, false),
                new BundlePlace("/var/lib/containers/storage/*-containers/*/userdata", Kind.STORAGE, false),
                new BundlePlace("/run/containerd/runc/*/*", Kind.RUNC_STATE, false),
                new BundlePlace("/run/docker/runtime-runc/*/*", Kind.RUNC_STATE, false),
                new BundlePlace("/run/runc/*", Kind.RUNC_STATE, false),
                new BundlePlace("/run/crun/*", Kind.CRUN_STATUS, false),
                personal("/run/user/*/docker/containerd/daemon/io.containerd.runtime.v2.task/*/*", Kind.TASK),
                personal("/run/user/*/containers/*-containers/*/userdata", Kind.STORAGE),
                personal("/home/*/.local/share/containers/storage/*-containers/*/userdata", Kind.STORAGE),
                personal("/run/user/*/runc/*", Kind.RUNC_STATE),
                personal("/run/user/*/crun/*", Kind.CRUN_STATUS));
    }

    private static BundlePlace task(String pattern) {
        return new BundlePlace(pattern, Kind.TASK, false);
    }

    private static BundlePlace personal(String pattern, Kind kind) {
        return new BundlePlace(pattern, kind, true);
    }
}
