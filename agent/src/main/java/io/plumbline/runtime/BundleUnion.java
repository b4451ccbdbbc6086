package io.plumbline.runtime;

import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading.Unreadable;
import io.plumbline.model.RuntimeInventory;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Puts together what several places tell of the same containers: the first one is believed, later ones complete it. */
final class BundleUnion {

    private final Map<String, OciBundle> found = new LinkedHashMap<>();
    private final Map<String, Unreadable<OciBundle>> unreadable = new LinkedHashMap<>();
    private final Map<String, Integer> pids = new HashMap<>();
    private final Map<String, String> names = new HashMap<>();

    private BundleUnion() {}

    static RuntimeInventory of(List<BundlePlaceLook> looks) {
        BundleUnion union = new BundleUnion();
        looks.forEach(union::add);
        return new RuntimeInventory(
                List.copyOf(union.found.values()),
                List.copyOf(union.unreadable.values()),
                looks.stream().map(look -> look.place().directory()).toList());
    }

    private void add(BundlePlaceLook look) {
        BundlePlace place = look.place();
        look.trouble().forEach(this::remember);
        look.names().forEach((id, name) -> names.put(key(place, id), name));
        for (BundleSighting seen : look.seen()) {
            seen.trouble().forEach(this::remember);
            if (place.kind() == BundlePlace.Kind.STORAGE) {
                // podman's pid lies in a directory of its own, which is looked into before the bundle's
                seen.pid().ifPresent(pid -> pids.put(key(place, seen.id()), pid));
            }
            seen.bundle().ifPresent(bundle -> add(place, seen, bundle));
        }
    }

    private void remember(Unreadable<OciBundle> trouble) {
        unreadable.putIfAbsent(trouble.source(), trouble);
    }

    private void add(BundlePlace place, BundleSighting seen, OciBundle bundle) {
        Optional<String> name = seen.name();
        Optional<Integer> pid = seen.pid();
        if (place.kind() == BundlePlace.Kind.STORAGE) {
            String key = key(place, seen.id());
            name = Optional.ofNullable(names.get(key))
                    .filter(any -> seen.runtime().equals(BundleReader.PODMAN));
            pid = Optional.ofNullable(pids.get(key));
        }
        add(seen.key(), with(bundle, seen.runtime(), name, pid));
    }

    /** What a user's files say of an id is not said of root's container with this id. */
    private static String key(BundlePlace place, String id) {
        return place.personal() ? "personal " + id : id;
    }

    private void add(String key, OciBundle bundle) {
        OciBundle first = found.get(key);
        if (first == null || (first.personal() && !bundle.personal())) {
            found.put(key, bundle);
        } else if (first.personal() == bundle.personal()) {
            Optional<String> name = first.name().or(bundle::name);
            found.put(key, with(first, first.runtime(), name, first.initPid().or(bundle::initPid)));
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
