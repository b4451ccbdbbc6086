package io.plumbline.apparmor;

import io.plumbline.apparmor.LoadOutcome.Result;
import io.plumbline.kernel.AppArmorPolicy;
import io.plumbline.model.LoadedProfile;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes profiles out of the kernel, as far as they are ours and nobody is under them.
 *
 * @param there the names of all loaded profiles, with their modes
 * @param details those that may go, with their hashes
 * @param used who is under what
 */
record PolicyRemoval(
        Map<String, String> there,
        Map<String, List<LoadedProfile>> details,
        Reading<Map<String, List<Integer>>> used,
        AppArmorPolicy kernel) {

    /** @param owned what is ours; what was removed stands there no more, what must wait is marked */
    List<LoadOutcome> of(Collection<String> names, Map<String, OwnedProfile> owned) {
        List<LoadOutcome> outcomes = new ArrayList<>();
        names.forEach(name -> outcomes.add(one(name, owned)));
        if (owned.size() == 1 && owned.containsKey(ProfileNames.ANCHOR)) {
            kernel.remove(ProfileNames.ANCHOR);
            owned.clear();
        }
        return outcomes;
    }

    private LoadOutcome one(String name, Map<String, OwnedProfile> owned) {
        OwnedProfile entry = owned.get(name);
        if (!there.containsKey(name)) {
            boolean known = owned.keySet().removeIf(other -> isSelfOrChild(other, name));
            return new LoadOutcome(
                    name,
                    known ? Result.REMOVED : Result.REFUSED,
                    known ? "it was not in the kernel any more" : "no profile of this name is loaded");
        }
        if (entry == null) {
            return new LoadOutcome(name, Result.REFUSED, "it was not loaded from here; whoever did may remove it");
        }
        List<LoadedProfile> present = details.getOrDefault(name, List.of());
        if (!entry.name().contains("//") && !present.stream().allMatch(one -> PolicyLoader.isOurs(one, entry))) {
            return new LoadOutcome(
                    name,
                    Result.REFUSED,
                    "somebody else has put another profile in its place; whoever did may remove it");
        }
        if (!(used instanceof Reading.Observed<Map<String, List<Integer>>> live)) {
            owned.put(name, entry.toBeRemoved());
            return new LoadOutcome(
                    name,
                    Result.MARKED,
                    "who is under it cannot be seen (" + used.trouble().orElse("") + "); marked");
        }
        List<Integer> pids = live.value().entrySet().stream()
                .filter(label -> isSelfOrChild(label.getKey(), name))
                .flatMap(label -> label.getValue().stream())
                .distinct()
                .sorted()
                .toList();
        if (!pids.isEmpty()) {
            owned.put(name, entry.toBeRemoved());
            return new LoadOutcome(
                    name,
                    Result.MARKED,
                    "in use by " + pids.size() + (pids.size() == 1 ? " process" : " processes") + " (pid "
                            + pids.get(0) + (pids.size() > 1 ? ", ..." : "")
                            + "), who would go on unconfined; it will be removed when it is free");
        }
        Optional<String> trouble = kernel.remove(name);
        if (trouble.isPresent() && !trouble.get().equals("ENOENT")) {
            return new LoadOutcome(
                    name,
                    Result.FAILED,
                    AppArmorPolicy.DIRECTORY + "/.remove: " + PolicyLoader.explained(trouble.get()));
        }
        owned.keySet().removeIf(other -> isSelfOrChild(other, name));
        return new LoadOutcome(name, Result.REMOVED, "");
    }

    private static boolean isSelfOrChild(String label, String name) {
        return label.equals(name) || label.startsWith(name + "//");
    }
}
