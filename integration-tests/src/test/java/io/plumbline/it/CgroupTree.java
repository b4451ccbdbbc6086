package io.plumbline.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The cgroup hierarchies of this machine, be they version 1, version 2 or both at once (hybrid). See cgroups(7). */
final class CgroupTree {
    private static final Duration EMPTYING = Duration.ofSeconds(10);

    private final List<Hierarchy> hierarchies;

    private CgroupTree(List<Hierarchy> hierarchies) {
        this.hierarchies = hierarchies;
    }

    private record Hierarchy(Path mount, boolean version2, List<String> options) {
        Path at(String path) {
            return mount.resolve(path.substring(1));
        }
    }

    /** From {@code /proc/self/mountinfo}: whole hierarchies only, not the bind mount of a part. */
    static CgroupTree ofThisMachine() {
        var found = new ArrayList<Hierarchy>();
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/mountinfo"))) {
                String[] halves = line.split(" - ", 2);
                String[] mount = halves[0].split(" ", -1);
                String[] type = halves[1].split(" ", -1);
                if (type[0].startsWith("cgroup") && mount[3].equals("/")) {
                    found.add(new Hierarchy(
                            Path.of(mount[4]), type[0].equals("cgroup2"), List.of(type[2].split(",", -1))));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new CgroupTree(List.copyOf(found));
    }

    boolean usable() {
        return !hierarchies.isEmpty() && hierarchies.stream().allMatch(each -> Files.isWritable(each.mount));
    }

    /** Whether version 2 is the only one: then a container runtime gives each container its own cgroup namespace. */
    boolean unified() {
        return hierarchies.stream().allMatch(Hierarchy::version2);
    }

    /** Makes the path in every hierarchy; what was not there before goes when {@code undo} runs. */
    void make(String path, Undo undo) {
        for (Hierarchy hierarchy : hierarchies) {
            Path directory = hierarchy.mount;
            for (String name : path.substring(1).split("/", -1)) {
                directory = directory.resolve(name);
                if (!Files.exists(directory)) {
                    makeOne(hierarchy, directory);
                    Path made = directory;
                    undo.add("cgroup " + made, () -> removeTree(made));
                }
            }
        }
    }

    private static void makeOne(Hierarchy hierarchy, Path directory) {
        try {
            Files.createDirectory(directory);
            if (hierarchy.options.contains("cpuset")) {
                // Version 1 takes no process into a cpuset without processors and memory nodes.
                for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
                    Files.write(directory.resolve(file), Files.readAllBytes(directory.resolveSibling(file)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The {@code cgroup.procs} of each hierarchy that has this path. */
    List<Path> procsFiles(String path) {
        return hierarchies.stream()
                .map(each -> each.at(path).resolve("cgroup.procs"))
                .filter(Files::exists)
                .toList();
    }

    /** Every process in this cgroup and below it, in any hierarchy. */
    SortedSet<Long> pids(String path) {
        var pids = new TreeSet<Long>();
        for (Hierarchy hierarchy : hierarchies) {
            for (Path directory : tree(hierarchy.at(path))) {
                try {
                    Files.readAllLines(directory.resolve("cgroup.procs"))
                            .forEach(line -> pids.add(Long.parseLong(line)));
                } catch (NoSuchFileException e) {
                    // removed meanwhile: nothing in it
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return pids;
    }

    /** Removes the path and what is below it, everywhere. Its processes must be ending. */
    void remove(String path) {
        hierarchies.forEach(each -> removeTree(each.at(path)));
    }

    /** Removes the parents of this path as far as nobody else is in them. */
    void removeEmptyParents(String path) {
        for (Hierarchy hierarchy : hierarchies) {
            for (Path up = hierarchy.at(path).getParent(); !up.equals(hierarchy.mount); up = up.getParent()) {
                if (!removeOne(up)) {
                    break;
                }
            }
        }
    }

    private static void removeTree(Path top) {
        for (Path directory : tree(top)) {
            Awaitility.await("empty cgroup " + directory)
                    .atMost(EMPTYING)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> removeOne(directory));
        }
    }

    private static boolean removeOne(Path directory) {
        try {
            Files.deleteIfExists(directory);
            return true;
        } catch (DirectoryNotEmptyException e) {
            return false;
        } catch (FileSystemException e) {
            return false; // EBUSY: a process is in it still
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The cgroup and all below it, the deepest first. */
    private static List<Path> tree(Path top) {
        if (!Files.isDirectory(top)) {
            return List.of();
        }
        try (Stream<Path> all = Files.find(top, 32, (path, attributes) -> attributes.isDirectory())) {
            var directories = new ArrayList<>(all.toList());
            java.util.Collections.reverse(directories);
            return directories;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UncheckedIOException e) {
            return List.of(top); // it changed under the walk; the caller comes again
        }
    }
}
