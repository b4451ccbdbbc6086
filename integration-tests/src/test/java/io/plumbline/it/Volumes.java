package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The kubelet's part of a container's mounts: a directory per pod with its volumes, {@code /etc/hosts} and the termination log. */
final class Volumes {
    private static final Set<String> IN_MEMORY = Set.of("secret", "projected", "downwardAPI");

    private final Path kubelet;
    private final Undo undo;

    /** Volumes below a kubelet's root directory. */
    Volumes(Path kubelet, Undo undo) {
        this.kubelet = kubelet;
        this.undo = undo;
    }

    /** A bind mount of a container. */
    record Mount(Path source, String destination, boolean readOnly) {}

    /**
     * Makes what is not there yet, and says what the runtime is told to mount.
     *
     * @param wronglyOnDisk names of volumes that belong on tmpfs and shall not be there
     */
    List<Mount> of(Pod pod, JsonNode container, Set<String> wronglyOnDisk) {
        Path directory = kubelet.resolve("pods").resolve(pod.cgroupUid());
        var mounts = new ArrayList<Mount>();
        for (JsonNode mount : container.path("volumeMounts")) {
            Path source = source(pod, directory, volume(pod, mount.get("name").asText()), wronglyOnDisk);
            if (mount.has("subPath")) {
                source = subPath(
                        directory, container, source, mount.get("subPath").asText());
            }
            mounts.add(new Mount(
                    source,
                    mount.get("mountPath").asText(),
                    mount.path("readOnly").asBoolean(false)));
        }
        mounts.add(new Mount(file(directory.resolve("etc-hosts")), "/etc/hosts", false));
        Path log = directory.resolve("containers").resolve(container.get("name").asText());
        mounts.add(new Mount(file(log.resolve("5a5a5a5a")), "/dev/termination-log", false));
        return mounts;
    }

    private static JsonNode volume(Pod pod, String name) {
        for (JsonNode volume : pod.spec().path("volumes")) {
            if (volume.get("name").asText().equals(name)) {
                return volume;
            }
        }
        throw new IllegalArgumentException("no volume " + name + " in " + pod.name());
    }

    private Path source(Pod pod, Path directory, JsonNode volume, Set<String> wronglyOnDisk) {
        String name = volume.get("name").asText();
        if (volume.has("hostPath")) {
            return Path.of(volume.at("/hostPath/path").asText());
        }
        if (volume.has("persistentVolumeClaim")) {
            return claim(directory, name);
        }
        for (String type : List.of("emptyDir", "configMap", "secret", "projected", "downwardAPI")) {
            if (volume.has(type)) {
                boolean memory = IN_MEMORY.contains(type)
                        || volume.at("/emptyDir/medium").asText().equals("Memory");
                Path source = directory.resolve("volumes").resolve(plugin(type)).resolve(name);
                made(source, memory && !wronglyOnDisk.contains(name));
                own(source, pod.spec().at("/securityContext/fsGroup"));
                return source;
            }
        }
        throw new IllegalArgumentException("no such volume: " + volume);
    }

    private static String plugin(String type) {
        return "kubernetes.io~"
                + switch (type) {
                    case "emptyDir" -> "empty-dir";
                    case "configMap" -> "configmap";
                    case "downwardAPI" -> "downward-api";
                    default -> type;
                };
    }

    /** A claim that a CSI driver serves from another directory of the node: that one's name is what the kernel shows. */
    private Path claim(Path pod, String name) {
        Path storage = made(
                kubelet.resolveSibling("storage").resolve(pod.getFileName()).resolve(name), false);
        Path target = pod.resolve("volumes/kubernetes.io~csi/pvc-" + name + "/mount");
        if (!Files.exists(target)) {
            directories(target);
            Command.succeed("mount", "--bind", storage.toString(), target.toString());
            undo.add("claim " + target, () -> Command.succeed("umount", target.toString()));
        }
        return target;
    }

    private Path subPath(Path pod, JsonNode container, Path volume, String name) {
        Path source = directories(volume.resolve(name));
        Path target = pod.resolve("volume-subpaths")
                .resolve(volume.getFileName())
                .resolve(container.get("name").asText())
                .resolve("0");
        directories(target);
        Command.succeed("mount", "--bind", source.toString(), target.toString());
        undo.add("subpath " + target, () -> Command.succeed("umount", target.toString()));
        return target;
    }

    private Path made(Path directory, boolean inMemory) {
        if (!Files.exists(directory)) {
            directories(directory);
            if (inMemory) {
                Command.succeed("mount", "-t", "tmpfs", "-o", "size=65536k", "tmpfs", directory.toString());
                undo.add("volume " + directory, () -> Command.succeed("umount", directory.toString()));
            }
            file(directory.resolve("content"));
        }
        return directory;
    }

    /** As the kubelet does for types that support ownership: the group, and its sticky inheritance. */
    private static void own(Path directory, JsonNode group) {
        if (!group.isMissingNode()) {
            try {
                Files.setAttribute(directory, "unix:gid", group.intValue());
                Files.setAttribute(directory, "unix:mode", 02775);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Path directories(Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path file(Path file) {
        try {
            Files.createDirectories(file.getParent());
            return Files.exists(file) ? file : Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
