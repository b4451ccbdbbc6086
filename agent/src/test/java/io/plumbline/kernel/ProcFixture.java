package io.plumbline.kernel;

import io.plumbline.CapturedNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small {@code /proc} for what no captured node shows, made of the bytes of a captured process. */
final class ProcFixture implements AutoCloseable {

    /** Of the capture {@code default-root}: root with a container's usual rights, under cgroup v2. */
    private static final Path MODEL = CapturedNode.containers().resolve("default-root");

    private final Scratch scratch = new Scratch();
    private final Path proc = scratch.directory();

    @Override
    public void close() {
        scratch.close();
    }

    Path proc() {
        return proc;
    }

    /** A process with this pid, started at tick {@code 100 + pid}, like the captured one in all else. */
    ProcessDirectory process(int pid) {
        return new ProcessDirectory(proc.resolve(Integer.toString(pid)))
                .file("stat", stat(pid, "sleep", 'S', 1))
                .file("status", model("status"))
                .file("cgroup", model("cgroup"))
                .file("mountinfo", model("mountinfo"))
                .file("uid_map", model("uid_map"))
                .file("gid_map", model("gid_map"))
                .file("cmdline", model("cmdline"))
                .link("exe", "/bin/busybox")
                .link("root", "/");
    }

    ProcFixture file(String name, String text) {
        write(proc.resolve(name), text);
        return this;
    }

    static String stat(int pid, String comm, char state, int threads) {
        return pid + " (" + comm + ") " + state + " 1 1 1 0 -1 4194560 98 0 0 0 0 0 0 0 20 0 " + threads + " 0 "
                + (100 + pid) + " 2551808 61 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0\n";
    }

    /** A file of the captured process. */
    static String model(String name) {
        try {
            return Files.readString(MODEL.resolve(name), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A directory of the tree. */
    record ProcessDirectory(Path directory) {

        ProcessDirectory file(String name, String text) {
            write(directory.resolve(name), text);
            return this;
        }

        ProcessDirectory without(String name) {
            try {
                Files.delete(directory.resolve(name));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        ProcessDirectory link(String name, String target) {
            try {
                Path link = directory.resolve(name);
                Files.createDirectories(link.getParent());
                Files.deleteIfExists(link);
                Files.createSymbolicLink(link, Path.of(target));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return this;
        }

        ProcessDirectory namespace(String type, long inode) {
            return link("ns/" + type, type + ":[" + inode + "]");
        }
    }
}
