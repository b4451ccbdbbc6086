package io.plumbline;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/**
 * Real nodes and processes as the kernel showed them, captured whole and kept as archives in {@code src/test/nodes}.
 *
 * <p>Each is unpacked once for each build, with its symbolic links, into {@code target/nodes}. Tests read it and never write there.
 */
public final class CapturedNode {

    /**
     * A node of Kubernetes 1.32 with containerd 1.6, cgroup v1 (hybrid), without a security module: kubelet's answers, 80 processes and
     * real drift. {@code expected.json} says what must be found.
     */
    public static final String KUBERNETES = "k8s-1.32-containerd-1.6-cgroup-v1";

    /** The OCI bundles of that node, below {@code run/}. */
    public static final String KUBERNETES_BUNDLES = "k8s-1.32-containerd-1.6-cgroup-v1-bundles";

    /** 54 processes of real containers under cgroup v2 and AppArmor, a directory each; {@code manifest.json} says what each shows. */
    public static final String CONTAINERS = "proc-cgroup-v2-apparmor";

    private static final String COMPLETE = ".complete";
    private static final List<String> PROCESS_FILES = List.of(
            "attr/apparmor/current",
            "attr/current",
            "cgroup",
            "cmdline",
            "comm",
            "gid_map",
            "mountinfo",
            "stat",
            "status",
            "uid_map");
    private static final Path SOURCES = Path.of("src/test/nodes");
    private static final Path UNPACKED = Path.of("target/nodes");

    private CapturedNode() {}

    /** The directory of the captured node: in it {@code proc}, {@code kubelet-pods.json} and so on. */
    public static Path kubernetes() {
        return unpacked(KUBERNETES).resolve(KUBERNETES);
    }

    /** The host's root of the captured node as far as its bundles: {@code run/containerd} and so on. */
    public static Path kubernetesBundles() {
        return unpacked(KUBERNETES_BUNDLES);
    }

    /** The directory that holds a directory for each captured container. */
    public static Path containers() {
        return unpacked(CONTAINERS);
    }

    /**
     * The same processes as one {@code /proc}, as they were on their node under cgroup v2 and AppArmor: by pid, with links that are links.
     */
    public static Path containersProc() {
        return asProc("proc-v2", name -> !isOfSecondBoot(name));
    }

    /** The three processes that were captured after another boot, under cgroup v1, likewise. */
    public static Path containersProcV1() {
        return asProc("proc-v1", CapturedNode::isOfSecondBoot);
    }

    private static boolean isOfSecondBoot(String name) {
        return name.startsWith("cgroup-v1-") || name.equals("host-init-v1");
    }

    /** The pid of a captured container process, {@code userns} for example. */
    public static int pidOf(String name) {
        return Integer.parseInt(line(containers().resolve(name).resolve("pid")));
    }

    /** A file beside the archives, {@code manifest.json} and {@code pods.json} of the captured containers. */
    public static Path file(String name) {
        return SOURCES.resolve(name);
    }

    private static Path unpacked(String name) {
        Path archive = SOURCES.resolve(name + ".tar.gz");
        return madeOnce(name, archive, fresh -> unpack(archive, fresh));
    }

    private static Path asProc(String name, Predicate<String> wanted) {
        Path containers = containers();
        return madeOnce(name, containers.resolve(COMPLETE), fresh -> {
            try (var cases = Files.list(containers)) {
                for (Path one :
                        cases.filter(path -> Files.exists(path.resolve("pid"))).toList()) {
                    if (wanted.test(one.getFileName().toString())) {
                        copyAsProcess(one, fresh.resolve(line(one.resolve("pid"))));
                    }
                }
            }
        });
    }

    private static void copyAsProcess(Path from, Path to) throws IOException {
        Files.createDirectories(to.resolve("ns"));
        Files.createDirectories(to.resolve("attr/apparmor"));
        for (String name : PROCESS_FILES) {
            if (Files.exists(from.resolve(name))) {
                Files.copy(from.resolve(name), to.resolve(name));
            }
        }
        try (var links = Files.list(from.resolve("ns"))) {
            for (Path link : links.toList()) {
                if (!line(link).isEmpty()) {
                    Files.createSymbolicLink(to.resolve("ns").resolve(link.getFileName()), Path.of(line(link)));
                }
            }
        }
        for (String link : Files.readAllLines(from.resolve("links.txt"))) {
            String[] words = link.split(" ", 2);
            if (!words[1].isEmpty()) {
                Files.createSymbolicLink(to.resolve(words[0]), Path.of(words[1]));
            }
        }
    }

    private static String line(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Maker {
        void make(Path directory) throws IOException;
    }

    /** Makes a directory whole or not at all: tests of other JVMs may want it at the same time. */
    private static synchronized Path madeOnce(String name, Path source, Maker maker) {
        Path directory = UNPACKED.resolve(name);
        try {
            if (!isFresh(directory, source)) {
                Files.createDirectories(UNPACKED);
                Path fresh = Files.createTempDirectory(UNPACKED, name + ".");
                maker.make(fresh);
                Files.createFile(fresh.resolve(COMPLETE));
                deleteTree(directory);
                Files.move(fresh, directory, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + directory, e);
        }
        return directory;
    }

    private static boolean isFresh(Path directory, Path archive) throws IOException {
        Path complete = directory.resolve(COMPLETE);
        return Files.exists(complete)
                && Files.getLastModifiedTime(complete).compareTo(Files.getLastModifiedTime(archive)) >= 0;
    }

    private static void deleteTree(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (var paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Enough of tar(5): files, directories and symbolic links, with GNU's long names. */
    private static void unpack(Path archive, Path directory) throws IOException {
        try (InputStream raw = Files.newInputStream(archive);
                var in = new DataInputStream(new BufferedInputStream(new GZIPInputStream(raw)))) {
            String longName = "";
            String longLink = "";
            byte[] header = new byte[512];
            while (true) {
                in.readFully(header);
                String name = field(header, 0, 100);
                if (name.isEmpty()) {
                    return;
                }
                int size = Integer.parseInt(field(header, 124, 12).strip(), 8);
                byte[] content = new byte[size];
                in.readFully(content);
                in.skipNBytes((512 - size % 512) % 512);
                String prefix = field(header, 257, 6).equals("ustar") ? field(header, 345, 155) : "";
                char type = (char) header[156];
                if (type == 'L') {
                    longName = field(content, 0, size);
                    continue;
                }
                if (type == 'K') {
                    longLink = field(content, 0, size);
                    continue;
                }
                String whole = longName.isEmpty() ? (prefix.isEmpty() ? name : prefix + "/" + name) : longName;
                Path path = directory.resolve(whole).normalize();
                if (!path.startsWith(directory)) {
                    throw new IOException(whole + " leads out of the archive");
                }
                switch (type) {
                    case '5' -> Files.createDirectories(path);
                    case '2' -> {
                        Files.createDirectories(path.getParent());
                        Files.createSymbolicLink(
                                path, Path.of(longLink.isEmpty() ? field(header, 157, 100) : longLink));
                    }
                    case '0', '\0' -> {
                        Files.createDirectories(path.getParent());
                        Files.write(path, content);
                    }
                    case 'x', 'g' -> {}
                    default -> throw new IOException(whole + " is of tar type " + type);
                }
                longName = "";
                longLink = "";
            }
        } catch (EOFException e) {
            throw new IOException(archive + " ends in the middle", e);
        }
    }

    private static String field(byte[] bytes, int start, int length) {
        int end = start;
        while (end < start + length && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }
}
