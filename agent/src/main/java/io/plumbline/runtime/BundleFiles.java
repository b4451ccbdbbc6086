package io.plumbline.runtime;

import io.plumbline.model.OciBundle;
import io.plumbline.runtime.HostFiles.UnreadableException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One reader for each file that a runtime keeps of a container. All of them may vanish at any moment. */
final class BundleFiles {

    private static final int MAX_JSON = 16 << 20;
    private static final int MAX_PID = 64;

    /** The environment and the arguments may hold secrets; a seccomp filter is long, and only its presence is asked for. */
    private static final Set<String> CONFIG_PASSED_OVER =
            Set.of("env", "args", "commandLine", "hooks", "syscalls", "resources", "devices");

    /** Of what runtimes write beside a bundle only name, pid and path of the bundle are asked for. */
    private static final Set<String> RECORD_PASSED_OVER = Set.of(
            "Config",
            "HostConfig",
            "NetworkSettings",
            "MountPoints",
            "Args",
            "capabilities",
            "cgroups",
            "mounts",
            "devices",
            "namespaces",
            "seccomp",
            "Hooks",
            "rlimits",
            "cgroup_paths",
            "namespace_paths",
            "metadata",
            "flags");

    private final HostFiles host;
    private final RuntimeJson config = new RuntimeJson(CONFIG_PASSED_OVER);
    private final RuntimeJson record = new RuntimeJson(RECORD_PASSED_OVER);
    private Map<Key, Known> before = Map.of();
    private Map<Key, Known> now = new HashMap<>();

    BundleFiles(HostFiles host) {
        this.host = host;
    }

    /**
     * What was made of a file.
     *
     * @param keeper of a bundle, who says so: several runtimes may have a hand in one container
     */
    private record Key(String file, Optional<OciConfig.Keeper> keeper) {}

    private record Known(HostFiles.Version version, Object value) {}

    /** Forgets what was not asked for since the last time that this was called; to be called when all is going to be asked for. */
    void forgetUnused() {
        before = now;
        now = new HashMap<>();
    }

    /** What runc or crun wrote of a running container. */
    record State(int pid, String bundle) {}

    /** {@code config.json} of a bundle. */
    Optional<OciBundle> config(OciConfig.Keeper keeper) throws UnreadableException {
        Key key = new Key(keeper.source(), Optional.of(keeper));
        return json(key, OciBundle.class, config, value -> OciConfig.read(JsonObject.of(value), keeper));
    }

    /** A file with nothing in it but a pid. */
    Optional<Integer> pid(String file) throws UnreadableException {
        Optional<byte[]> content = host.read(file, MAX_PID);
        if (content.isEmpty()) {
            return Optional.empty();
        }
        String text = new String(content.get(), StandardCharsets.US_ASCII).strip();
        // Written in two steps by some: nothing yet is nothing.
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Integer.parseInt(text)).filter(pid -> pid > 0);
        } catch (NumberFormatException e) {
            throw new UnreadableException(file, "not a pid");
        }
    }

    /** runc's {@code state.json}: libcontainer/container_linux.go. */
    Optional<State> runcState(String file) throws UnreadableException {
        return json(new Key(file, Optional.empty()), State.class, record, value -> {
            JsonObject state = JsonObject.of(value);
            String bundle = state.object("config").texts("labels").stream()
                    .filter(label -> label.startsWith("bundle="))
                    .findFirst()
                    .orElseThrow(() -> new MalformedException("no label 'bundle='"))
                    .substring("bundle=".length());
            return new State(pid(state, "init_process_pid"), bundle);
        });
    }

    /** crun's {@code status}: src/libcrun/status.c. */
    Optional<State> crunStatus(String file) throws UnreadableException {
        return json(new Key(file, Optional.empty()), State.class, record, value -> {
            JsonObject status = JsonObject.of(value);
            String bundle = status.text("bundle").orElseThrow(() -> new MalformedException("no bundle"));
            return new State(pid(status, "pid"), bundle);
        });
    }

    /** Docker's {@code config.v2.json}; the name without the slash that Docker puts before it. */
    Optional<String> dockerName(String file) throws UnreadableException {
        Key key = new Key(file, Optional.empty());
        return json(
                        key,
                        String.class,
                        record,
                        value -> JsonObject.of(value).text("Name").orElse(""))
                .map(name -> name.startsWith("/") ? name.substring(1) : name)
                .filter(name -> !name.isEmpty());
    }

    /** containers/storage's {@code containers.json}: the first of each container's names, by its id. */
    Optional<Map<String, String>> storageNames(String file) throws UnreadableException {
        return json(new Key(file, Optional.empty()), Names.class, record, value -> {
                    Map<String, String> names = new HashMap<>();
                    for (JsonObject container : JsonObject.listOf(value)) {
                        List<String> all = container.texts("names");
                        if (!all.isEmpty()) {
                            names.put(container.text("id").orElse(""), all.get(0));
                        }
                    }
                    return new Names(names);
                })
                .map(Names::byId);
    }

    private record Names(Map<String, String> byId) {}

    private interface Interpreter<T> {
        T of(Object value) throws MalformedException;
    }

    /** A file that is as it was is not read again: a node has hundreds, and they change when a container starts. */
    private <T> Optional<T> json(Key key, Class<T> type, RuntimeJson reader, Interpreter<T> interpreter)
            throws UnreadableException {
        Optional<HostFiles.Found> found = host.find(key.file());
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Known known = now.getOrDefault(key, before.get(key));
        if (known == null || !known.version().equals(found.get().version())) {
            Optional<byte[]> content = host.read(found.get(), MAX_JSON);
            if (content.isEmpty()) {
                return Optional.empty();
            }
            try {
                known = new Known(found.get().version(), interpreter.of(reader.read(content.get())));
            } catch (MalformedException e) {
                throw new UnreadableException(key.file(), e.where());
            }
        }
        now.put(key, known);
        return Optional.of(type.cast(known.value()));
    }

    private static int pid(JsonObject object, String name) throws MalformedException {
        long pid = object.integer(name);
        if (pid < 0 || pid > Integer.MAX_VALUE) {
            throw new MalformedException(name + ": not a pid");
        }
        return (int) pid;
    }
}
