package io.plumbline.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.plumbline.kubernetes.AppArmorProfile.Mode;
import io.plumbline.model.ProfileError;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The AppArmorProfile objects as they were last seen, and which of them are for this node. */
public final class WantedObjects {

    /** Characters of all texts together: every agent keeps them in memory. */
    private static final long MOST = 16 << 20;

    private final Map<String, Entry> entries = new TreeMap<>();
    private Optional<Map<String, String>> labels = Optional.empty();
    private Optional<String> trouble = Optional.empty();
    private boolean listed;

    WantedObjects() {}

    /**
     * What is wanted on this node.
     *
     * @param profiles by the objects' names
     * @param errors objects that say nothing that could be loaded, and why all this may not be of now
     * @param isWhole what is not here is not wanted; false as long as that is not known
     */
    public record State(List<Wanted> profiles, List<ProfileError> errors, boolean isWhole) {
        public State {
            profiles = List.copyOf(profiles);
            errors = List.copyOf(errors);
        }
    }

    /**
     * One object.
     *
     * @param bane in bane's TOML; else in AppArmor's own language
     * @param complain in complain mode; else in enforce mode
     */
    public record Wanted(String object, String text, boolean bane, boolean complain) {}

    private record Entry(Optional<AppArmorProfile> profile, String error) {

        long size() {
            return profile.map(one -> (long) text(one).length()).orElse(0L);
        }

        boolean selects() {
            return profile.filter(one -> !one.nodeSelector().isEmpty()).isPresent();
        }
    }

    /** What an object is called in messages. */
    static String origin(String name) {
        return "AppArmorProfile/" + name;
    }

    synchronized State state() {
        List<Wanted> wanted = new ArrayList<>();
        List<ProfileError> errors = new ArrayList<>();
        boolean whole = listed;
        for (Map.Entry<String, Entry> each : entries.entrySet()) {
            String object = origin(each.getKey());
            Optional<AppArmorProfile> profile = each.getValue().profile();
            if (profile.isEmpty()) {
                errors.add(new ProfileError(object, 0, 0, each.getValue().error()));
                whole = false;
            } else if (each.getValue().selects() && labels.isEmpty()) {
                errors.add(new ProfileError(object, 0, 0, "the labels of this node are not known"));
                whole = false;
            } else if (labels.orElse(Map.of())
                    .entrySet()
                    .containsAll(profile.get().nodeSelector().entrySet())) {
                wanted.add(new Wanted(
                        object,
                        text(profile.get()),
                        profile.get().bane().isPresent(),
                        profile.get().mode() == Mode.COMPLAIN));
            }
        }
        trouble.ifPresent(why -> errors.add(new ProfileError("AppArmorProfile objects", 0, 0, why)));
        return new State(wanted, errors, whole);
    }

    /** These are all. */
    synchronized void replace(List<GenericKubernetesResource> all) {
        entries.clear();
        all.forEach(this::put);
        listed = true;
    }

    /** Is anything new? Its text may be the same. */
    synchronized boolean put(GenericKubernetesResource object) {
        String name = object.getMetadata().getName();
        Entry entry = read(object.getAdditionalProperties().get("spec"));
        entries.remove(name);
        long others = entries.values().stream().mapToLong(Entry::size).sum();
        if (others + entry.size() > MOST) {
            entry = new Entry(
                    Optional.empty(),
                    "is left out: all AppArmorProfile objects together are larger than " + (MOST >> 20) + " MiB");
        }
        entries.put(name, entry);
        return true;
    }

    synchronized boolean remove(String name) {
        return entries.remove(name) != null;
    }

    /** Are there any that are not for every node? */
    synchronized boolean dependOnLabels() {
        return entries.values().stream().anyMatch(Entry::selects);
    }

    synchronized boolean lackLabels() {
        return labels.isEmpty() && dependOnLabels();
    }

    /** The node's labels; says whether they are news. */
    synchronized boolean label(Map<String, String> now) {
        boolean news = !labels.equals(Optional.of(now));
        labels = Optional.of(Map.copyOf(now));
        return news;
    }

    synchronized void trouble(String why) {
        trouble = Optional.of(why);
    }

    synchronized void untroubled() {
        trouble = Optional.empty();
    }

    private static String text(AppArmorProfile profile) {
        return profile.raw().or(profile::bane).orElse("");
    }

    /** The definition in the cluster may be an older one, or gone: nothing is taken for granted. */
    private static Entry read(@Nullable Object spec) {
        if (!(spec instanceof Map<?, ?> fields)) {
            return new Entry(Optional.empty(), "has no spec");
        }
        Optional<String> raw = text(fields.get("raw"));
        Optional<String> bane = text(fields.get("bane"));
        if (raw.isPresent() == bane.isPresent()) {
            return new Entry(
                    Optional.empty(),
                    AppArmorProfile.class.getAnnotation(Rule.class).message());
        }
        Object said = Objects.requireNonNullElse(fields.get("mode"), "enforce");
        Optional<Mode> mode = Arrays.stream(Mode.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(said))
                .findFirst();
        if (mode.isEmpty()) {
            return new Entry(
                    Optional.empty(), "has the mode '" + Excerpt.of(said.toString()) + "'; give enforce or complain");
        }
        Object selector = Objects.requireNonNullElse(fields.get("nodeSelector"), Map.of());
        Map<String, String> chosen = new TreeMap<>();
        if (selector instanceof Map<?, ?> pairs) {
            pairs.forEach((key, value) -> chosen.put(String.valueOf(key), String.valueOf(value)));
        } else {
            return new Entry(Optional.empty(), "has a nodeSelector that is no map of labels");
        }
        return new Entry(Optional.of(new AppArmorProfile(raw, bane, mode.get(), chosen)), "");
    }

    private static Optional<String> text(@Nullable Object field) {
        return field instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }
}
