package io.plumbline.runtime;

import io.plumbline.model.OciBundle;
import io.plumbline.model.OciBundle.BundleMount;
import io.plumbline.model.Reading.Unreadable;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.runtime.HostFiles.UnreadableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One walk through the places, and what it has found so far. */
final class BundleSearch {

    /** A user may make as many directories as he likes. */
    private static final int MAX_PERSONAL = 1000;

    private static final Pattern UNIQUE_ID = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern TASK = Pattern.compile("/io\\.containerd\\.runtime\\.v2\\.task/([^/]+)/[^/]+$");
    private static final String CRI_O = "cri-o";
    private static final String DOCKER = "docker";
    private static final String PODMAN = "podman";

    private final HostFiles host;
    private final BundleFiles files;

    private final Map<String, OciBundle> found = new LinkedHashMap<>();
    private final Map<String, Unreadable<OciBundle>> unreadable = new LinkedHashMap<>();
    private final Map<String, Integer> pids = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();

    BundleSearch(HostFiles host, BundleFiles files) {
        this.host = host;
        this.files = files;
    }

    /** A directory that a pattern fits, and the names that its stars stand for. */
    private record Match(String path, List<String> stars) {
        String star(int fromEnd) {
            return stars.get(stars.size() - fromEnd);
        }
    }

    RuntimeInventory through(List<BundlePlace> places) {
        for (BundlePlace place : places) {
            for (Match match : matches(place)) {
                look(place, match);
            }
        }
        return new RuntimeInventory(
                List.copyOf(found.values()),
                List.copyOf(unreadable.values()),
                places.stream().map(BundlePlace::directory).toList());
    }

    private void look(BundlePlace place, Match match) {
        switch (place.kind()) {
            case TASK -> task(place, match);
            case STORAGE -> storage(place, match);
            case RUNC_STATE ->
                attempt(place, () -> files.runcState(match.path() + "/state.json"))
                        .ifPresent(state -> state(place, match.star(1), "runc", state));
            case CRUN_STATUS ->
                attempt(place, () -> files.crunStatus(match.path() + "/status"))
                        .ifPresent(state -> state(place, match.star(1), "crun", state));
        }
    }

    private void task(BundlePlace place, Match match) {
        String namespace = match.star(2);
        String runtime = ofNamespace(namespace);
        Optional<OciBundle> bundle = config(place, match.star(1), runtime, namespace, match.path());
        if (bundle.isEmpty()) {
            return;
        }
        Optional<Integer> pid = attempt(place, () -> files.pid(match.path() + "/init.pid"));
        Optional<String> name = runtime.equals(DOCKER)
                ? attempt(place, () -> files.dockerName(dockerDirectory(bundle.get()) + "/config.v2.json"))
                : Optional.ofNullable(bundle.get().annotations().get("nerdctl/name"));
        add(place, with(bundle.get(), runtime, name, pid));
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

    private void storage(BundlePlace place, Match match) {
        String id = match.star(1);
        String key = key(place, id);
        // podman's pid lies in a directory of its own, which is looked into before the bundle's
        attempt(place, () -> files.pid(match.path() + "/pidfile")).ifPresent(pid -> pids.put(key, pid));
        Optional<OciBundle> bundle = config(place, id, PODMAN, "", match.path());
        if (bundle.isEmpty()) {
            return;
        }
        String runtime = runtimeOf(bundle.get().annotations());
        Optional<String> name = Optional.ofNullable(names.get(key)).filter(any -> runtime.equals(PODMAN));
        add(place, with(bundle.get(), runtime, name, Optional.ofNullable(pids.get(key))));
    }

    /** What a user's files say of an id is not said of root's container with this id. */
    private static String key(BundlePlace place, String id) {
        return place.personal() ? "personal " + id : id;
    }

    /** podman writes some annotations under CRI-O's names too. */
    private static String runtimeOf(Map<String, String> annotations) {
        String manager = annotations.getOrDefault("io.container.manager", "");
        if (manager.equals(CRI_O) || manager.equals("libpod")) {
            return manager.equals(CRI_O) ? CRI_O : PODMAN;
        }
        return annotations.containsKey("io.kubernetes.cri-o.Name") ? CRI_O : PODMAN;
    }

    private void state(BundlePlace place, String id, String program, BundleFiles.State state) {
        Optional<Integer> pid = Optional.of(state.pid()).filter(value -> value > 0);
        // containerd's state is where its administrator likes; the directories in it are not.
        Matcher task = TASK.matcher(state.bundle());
        String namespace = task.find() ? task.group(1) : "";
        String runtime = namespace.isEmpty() ? program : ofNamespace(namespace);
        config(place, id, runtime, namespace, state.bundle())
                .ifPresent(bundle -> add(place, with(bundle, runtime, Optional.empty(), pid)));
    }

    private Optional<OciBundle> config(
            BundlePlace place, String id, String runtime, String namespace, String directory) {
        String file = directory + "/config.json";
        return attempt(place, () -> files.config(new OciConfig.Keeper(id, runtime, namespace, file, place.personal())));
    }

    private void add(BundlePlace place, OciBundle bundle) {
        // A short id is unique only for its runtime: there the file says whether two are the same.
        String key = UNIQUE_ID.matcher(bundle.id()).matches()
                ? bundle.id()
                : attempt(place, () -> host.realPath(bundle.source())).orElse(bundle.source());
        OciBundle first = found.get(key);
        if (first == null || (first.personal() && !bundle.personal())) {
            found.put(key, bundle);
        } else if (first.personal() == bundle.personal()) {
            Optional<String> name = first.name().or(bundle::name);
            found.put(key, with(first, first.runtime(), name, first.initPid().or(bundle::initPid)));
        }
    }

    private List<Match> matches(BundlePlace place) {
        List<Match> matches = List.of(new Match("", List.of()));
        for (String segment : place.segments()) {
            List<Match> longer = new ArrayList<>();
            for (Match match : matches) {
                if (!segment.startsWith("*")) {
                    longer.add(new Match(match.path() + "/" + segment, match.stars()));
                    continue;
                }
                for (String name : names(place, match.path())) {
                    if (!name.endsWith(segment.substring(1))) {
                        continue;
                    }
                    List<String> stars = new ArrayList<>(match.stars());
                    stars.add(name);
                    longer.add(new Match(match.path() + "/" + name, stars));
                }
            }
            matches = longer;
        }
        return matches;
    }

    private List<String> names(BundlePlace place, String directory) {
        List<String> entries =
                attempt(place, () -> Optional.of(host.list(directory))).orElse(List.of());
        if (place.kind() == BundlePlace.Kind.STORAGE && directory.endsWith("-containers")) {
            for (String file : List.of("containers.json", "volatile-containers.json")) {
                attempt(place, () -> files.storageNames(directory + "/" + file))
                        .ifPresent(byId -> byId.forEach((id, name) -> names.put(key(place, id), name)));
            }
        }
        if (place.personal() && entries.size() > MAX_PERSONAL) {
            remember(place, new UnreadableException(directory, "more than " + MAX_PERSONAL + " entries"));
            return entries.subList(0, MAX_PERSONAL);
        }
        return entries;
    }

    private interface Source<T> {
        Optional<T> read() throws UnreadableException;
    }

    private <T> Optional<T> attempt(BundlePlace place, Source<T> source) {
        try {
            return source.read();
        } catch (UnreadableException e) {
            remember(place, e);
            return Optional.empty();
        }
    }

    /** What another user keeps from us is his own business, and no lack of rights that anyone should be told to grant. */
    private void remember(BundlePlace place, UnreadableException e) {
        if (!place.personal() || !e.why().equals("EACCES")) {
            unreadable.putIfAbsent(e.path(), new Unreadable<>(e.path(), e.why()));
        }
    }

    private static OciBundle with(OciBundle bundle, String runtime, Optional<String> name, Optional<Integer> initPid) {
        return new OciBundle(
                bundle.id(),
                runtime,
                bundle.runtimeNamespace(),
                bundle.source(),
                name,
                bundle.annotations(),
                bundle.capabilities(),
                bundle.user(),
                bundle.noNewPrivileges(),
                bundle.seccomp(),
                bundle.appArmorProfile(),
                bundle.selinuxLabel(),
                bundle.readOnlyRoot(),
                bundle.maskedPaths(),
                bundle.readOnlyPaths(),
                bundle.namespaces(),
                bundle.uidMapped(),
                bundle.mounts(),
                bundle.cgroupsPath(),
                initPid,
                bundle.personal());
    }
}
