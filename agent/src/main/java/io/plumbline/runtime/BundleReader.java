package io.plumbline.runtime;

import io.plumbline.model.OciBundle;
import io.plumbline.model.OciBundle.BundleMount;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what runtimes keep of one container. */
final class BundleReader {

    static final String PODMAN = "podman";

    private static final Pattern UNIQUE_ID = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern TASK = Pattern.compile("/io\\.containerd\\.runtime\\.v2\\.task/([^/]+)/[^/]+$");
    private static final String CRI_O = "cri-o";
    private static final String DOCKER = "docker";

    private final HostFiles host;
    private final BundleFiles files;

    BundleReader(HostFiles host, BundleFiles files) {
        this.host = host;
        this.files = files;
    }

    BundleSighting read(BundlePlace place, BundleMatch match) {
        BundleTrouble trouble = new BundleTrouble(place);
        return switch (place.kind()) {
            case TASK -> task(place, match, trouble);
            case STORAGE -> storage(place, match, trouble);
            case RUNC_STATE -> {
                Optional<BundleFiles.State> state =
                        trouble.attempt(() -> files.runcState(match.path() + "/state.json"));
                yield state(place, match.star(1), "runc", state, trouble);
            }
            case CRUN_STATUS -> {
                Optional<BundleFiles.State> state = trouble.attempt(() -> files.crunStatus(match.path() + "/status"));
                yield state(place, match.star(1), "crun", state, trouble);
            }
        };
    }

    private BundleSighting task(BundlePlace place, BundleMatch match, BundleTrouble trouble) {
        String namespace = match.star(2);
        String runtime = ofNamespace(namespace);
        Optional<OciBundle> bundle = config(place, match.star(1), runtime, namespace, match.path(), trouble);
        if (bundle.isEmpty()) {
            return sighting(match.star(1), bundle, runtime, Optional.empty(), Optional.empty(), trouble);
        }
        Optional<Integer> pid = trouble.attempt(() -> files.pid(match.path() + "/init.pid"));
        Optional<String> name = runtime.equals(DOCKER)
                ? trouble.attempt(() -> files.dockerName(dockerDirectory(bundle.get()) + "/config.v2.json"))
                : Optional.ofNullable(bundle.get().annotations().get("nerdctl/name"));
        return sighting(match.star(1), bundle, runtime, name, pid, trouble);
    }

    /** dockerd keeps its containers in containerd's namespace "moby", those of its plugins in "plugins.moby". */
    private static String ofNamespace(String namespace) {
        return namespace.endsWith("moby") ? DOCKER : "containerd";
    }

    /** Docker's directory for a container shows in its mounts, wherever the data root is. */
    private static String dockerDirectory(OciBundle bundle) {
        String file = "/" + bundle.id() + "/hostname";
        for (BundleMount mount : bundle.mounts()) {
            if (mount.destination().equals("/etc/hostname") && mount.source().endsWith(file)) {
                return mount.source().substring(0, mount.source().length() - "/hostname".length());
            }
        }
        return "/var/lib/docker/containers/" + bundle.id();
    }

    private BundleSighting storage(BundlePlace place, BundleMatch match, BundleTrouble trouble) {
        String id = match.star(1);
        Optional<Integer> pid = trouble.attempt(() -> files.pid(match.path() + "/pidfile"));
        Optional<OciBundle> bundle = config(place, id, PODMAN, "", match.path(), trouble);
        String runtime = bundle.map(config -> runtimeOf(config.annotations())).orElse(PODMAN);
        return sighting(id, bundle, runtime, Optional.empty(), pid, trouble);
    }

    /** podman writes some annotations under CRI-O's names too. */
    private static String runtimeOf(Map<String, String> annotations) {
        String manager = annotations.getOrDefault("io.container.manager", "");
        if (manager.equals(CRI_O) || manager.equals("libpod")) {
            return manager.equals(CRI_O) ? CRI_O : PODMAN;
        }
        return annotations.containsKey("io.kubernetes.cri-o.Name") ? CRI_O : PODMAN;
    }

    private BundleSighting state(
            BundlePlace place, String id, String program, Optional<BundleFiles.State> state, BundleTrouble trouble) {
        if (state.isEmpty()) {
            return sighting(id, Optional.empty(), program, Optional.empty(), Optional.empty(), trouble);
        }
        String directory = state.get().bundle();
        // containerd's state is where its administrator likes; the directories in it are not.
        Matcher task = TASK.matcher(directory);
        String namespace = task.find() ? task.group(1) : "";
        String runtime = namespace.isEmpty() ? program : ofNamespace(namespace);
        Optional<OciBundle> bundle = config(place, id, runtime, namespace, directory, trouble);
        Optional<Integer> pid = state.map(BundleFiles.State::pid).filter(value -> value > 0);
        return sighting(id, bundle, runtime, Optional.empty(), pid, trouble);
    }

    private Optional<OciBundle> config(
            BundlePlace place, String id, String runtime, String namespace, String directory, BundleTrouble trouble) {
        String file = directory + "/config.json";
        return trouble.attempt(
                () -> files.config(new OciConfig.Keeper(id, runtime, namespace, file, place.personal())));
    }

    private BundleSighting sighting(
            String id,
            Optional<OciBundle> bundle,
            String runtime,
            Optional<String> name,
            Optional<Integer> pid,
            BundleTrouble trouble) {
        String key = bundle.map(config -> key(config, trouble)).orElse("");
        return new BundleSighting(id, bundle, runtime, key, name, pid, trouble.all());
    }

    /** A short id is unique only for its runtime: there the file says whether two are the same. */
    private String key(OciBundle bundle, BundleTrouble trouble) {
        return UNIQUE_ID.matcher(bundle.id()).matches()
                ? bundle.id()
                : trouble.attempt(() -> host.realPath(bundle.source())).orElse(bundle.source());
    }
}
