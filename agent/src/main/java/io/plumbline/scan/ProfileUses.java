package io.plumbline.scan;

import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.ProfileUse;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Who is under which AppArmor profile, by the labels that a scan has read. */
final class ProfileUses {

    private static final int MOST_USERS = 50;
    private static final String NODE = "the node";

    private final Map<String, Set<String>> users = new HashMap<>();
    private final Map<String, Integer> processes = new HashMap<>();

    /** By label: a node has a handful of them. */
    private final Map<String, Set<String>> names = new HashMap<>();

    private ProfileUses() {}

    static Map<String, ProfileUse> of(List<ContainerView> containers, List<AttributedProcess> others) {
        ProfileUses uses = new ProfileUses();
        for (ContainerView container : containers) {
            Supplier<String> words = container.identity()::words;
            container.processes().forEach(process -> uses.add(process, words));
        }
        others.forEach(process -> uses.add(process, () -> NODE));
        Map<String, ProfileUse> all = new HashMap<>();
        uses.users.forEach((name, whom) ->
                all.put(name, new ProfileUse(new ArrayList<>(whom), uses.processes.getOrDefault(name, 0))));
        return all;
    }

    /** @param user asked only if the process is under a profile: on many nodes none is */
    private void add(AttributedProcess process, Supplier<String> user) {
        if (!(process.process().label() instanceof Reading.Observed<String> label)) {
            return;
        }
        for (String name : names.computeIfAbsent(label.value(), ProfileUses::names)) {
            Set<String> whom = users.computeIfAbsent(name, key -> new LinkedHashSet<>());
            if (whom.size() < MOST_USERS) {
                whom.add(user.get());
            }
            processes.merge(name, 1, Integer::sum);
        }
    }

    /** The profiles of a label, each without its children; none of an unconfined process. */
    private static Set<String> names(String text) {
        AppArmorLabel label = AppArmorLabel.parse(text);
        Set<String> names = new LinkedHashSet<>();
        if (!label.isUnconfined()) {
            label.profiles()
                    .forEach(part -> names.add(part.contains("//") ? part.substring(0, part.indexOf("//")) : part));
        }
        return names;
    }
}
