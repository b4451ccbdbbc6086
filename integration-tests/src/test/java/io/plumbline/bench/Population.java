package io.plumbline.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The processes that are read: sleepers that spawn_procs starts, and ends when its standard input ends. */
final class Population implements AutoCloseable {

    private static final int USER_NAMESPACES = 5;

    /** Where cgroup v2 may be mounted; spawn_procs makes its groups below the first. */
    private static final List<Path> CGROUP_ROOTS =
            List.of(Path.of("/sys/fs/cgroup"), Path.of("/sys/fs/cgroup/unified"));

    private static final Pattern POD = Pattern.compile("bench[0-9]+-kubepods-pod([0-9a-f_]+)\\.slice");
    private static final Pattern CONTAINER = Pattern.compile("cri-containerd-([0-9a-f]+)\\.scope");

    private final Process program;
    private final Thread atShutdown;
    private final long mainPid;
    private final Map<Path, String> others = new LinkedHashMap<>();

    private Population(Process program, long mainPid) {
        this.program = program;
        this.mainPid = mainPid;
        this.atShutdown = new Thread(() -> end(program));
        Runtime.getRuntime().addShutdownHook(atShutdown);
    }

    /**
     * Starts it and waits until all sleep.
     *
     * @param groups 0 for processes that differ in nothing but uid and capabilities: needs no rights
     * @throws BenchException if not all could be started
     */
    static Population start(Path spawnProcs, int processes, int groups) throws BenchException, IOException {
        Process program = new ProcessBuilder(
                        spawnProcs.toString(),
                        "-i",
                        "-n",
                        Integer.toString(processes),
                        "-g",
                        Integer.toString(groups),
                        "-u",
                        Integer.toString(Math.min(groups, USER_NAMESPACES)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var output = new BufferedReader(new InputStreamReader(program.getInputStream(), StandardCharsets.UTF_8));
        String line = output.readLine();
        String[] words = line == null ? new String[0] : line.split(" ", -1);
        if (words.length != 3 || !words[0].equals("READY") || !words[1].equals(Integer.toString(processes))) {
            end(program);
            throw new BenchException("of " + processes + " processes only " + (words.length == 3 ? words[1] : "some")
                    + " could be started");
        }
        return new Population(program, Long.parseLong(words[2]));
    }

    /**
     * Writes a kubelet's list of pods that declares every group as a container.
     *
     * @return how many containers it declares: 0 where cgroup v2 is not writable, so that no group has a cgroup
     */
    int writePods(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode list = json.createObjectNode();
        list.put("kind", "PodList").put("apiVersion", "v1");
        ArrayNode items = list.putArray("items");
        int containers = 0;
        for (Path root : CGROUP_ROOTS) {
            Path slice = root.resolve("bench" + mainPid + "-kubepods.slice");
            if (Files.isDirectory(slice)) {
                containers += addPods(slice, items);
            }
        }
        json.writeValue(file.toFile(), list);
        return containers;
    }

    private int addPods(Path slice, ArrayNode items) throws IOException {
        int count = 0;
        try (DirectoryStream<Path> pods = Files.newDirectoryStream(slice, Files::isDirectory)) {
            for (Path pod : pods) {
                Matcher name = POD.matcher(pod.getFileName().toString());
                if (name.matches()) {
                    count += addPod(pod, name.group(1).replace('_', '-'), items.addObject());
                }
            }
        }
        return count;
    }

    private int addPod(Path directory, String uid, ObjectNode pod) throws IOException {
        pod.putObject("metadata")
                .put("name", "pod-" + uid)
                .put("namespace", "bench")
                .put("uid", uid);
        ArrayNode specs = pod.putObject("spec").putArray("containers");
        ArrayNode statuses = pod.putObject("status").put("phase", "Running").putArray("containerStatuses");
        int count = 0;
        try (DirectoryStream<Path> containers = Files.newDirectoryStream(directory, Files::isDirectory)) {
            for (Path container : containers) {
                Matcher id = CONTAINER.matcher(container.getFileName().toString());
                if (id.matches()) {
                    String name = "app-" + count++;
                    ObjectNode spec = specs.addObject().put("name", name).put("image", "bench");
                    int group = Integer.parseUnsignedInt(
                            id.group(1).substring(id.group(1).length() - 8), 16);
                    if (group >= USER_NAMESPACES && group % 3 != 0) {
                        // spawn_procs gives it a user that is not root, who is also the node's
                        spec.putObject("securityContext").put("runAsNonRoot", true);
                        others.put(container, pod.at("/metadata/name").asText() + "/" + name);
                    }
                    ObjectNode status = statuses.addObject();
                    status.put("name", name).put("image", "bench").put("containerID", "containerd://" + id.group(1));
                    status.putObject("state").putObject("running").put("startedAt", "2020-01-01T00:00:00Z");
                }
            }
        }
        return count;
    }

    /** The cgroups, of those that are in the list of pods, of containers that no root is to run in; each with its pod's name and its own. */
    Map<Path, String> withoutRoot() {
        return others;
    }

    @Override
    public void close() {
        end(program);
        Runtime.getRuntime().removeShutdownHook(atShutdown);
    }

    /** Its end of input tells it to end the others; that takes a moment for thousands. */
    private static void end(Process program) {
        try {
            program.getOutputStream().close();
            if (!program.waitFor(60, TimeUnit.SECONDS)) {
                program.destroy();
                program.waitFor(10, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            program.destroy();
        } catch (InterruptedException e) {
            program.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
