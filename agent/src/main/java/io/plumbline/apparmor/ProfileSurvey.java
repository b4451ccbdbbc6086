package io.plumbline.apparmor;

import io.plumbline.kernel.AppArmorPolicy;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.LoadedProfile;
import io.plumbline.model.ProfileError;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.ProfileUse;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares what is wanted with what the kernel holds: name, mode, and the hash of the bytes. Drift is "not the bytes that were written",
 * never "not the bytes that this parser would make now".
 */
public final class ProfileSurvey {

    private static final String LEARNED = "//null-";

    private final AppArmorPolicy kernel;
    private final Optional<OwnershipRecord> record;
    private final EventLog log;

    /** Tells what happened under profiles. */
    @FunctionalInterface
    public interface EventLog {

        /** Nobody reads one. */
        EventLog NONE = names -> Map.of();

        /** By name, of these names. */
        Map<String, Reading<ProfileEvents>> of(Collection<String> names);
    }

    /**
     * @param record what we have loaded; empty where no record is kept
     * @param log what the kernel wrote of profiles
     */
    public ProfileSurvey(AppArmorPolicy kernel, Optional<OwnershipRecord> record, EventLog log) {
        this.kernel = kernel;
        this.record = record;
        this.log = log;
    }

    /**
     * Looks.
     *
     * @param wanted what is to be there, beside what the record says
     * @param uses by the profile's name
     */
    public AppArmorProfiles look(Wanted wanted, Map<String, ProfileUse> uses) {
        List<ProfileError> trouble = new ArrayList<>(wanted.trouble());
        Map<String, OwnedProfile> owned = owned(trouble);
        Map<String, Profile> found = new TreeMap<>();
        List<Profile> rejected = new ArrayList<>();
        Reading<Map<String, String>> all = kernel.profiles();
        if (all instanceof Reading.Unreadable<Map<String, String>> unreadable
                && !(wanted.isEmpty() && owned.isEmpty())) {
            trouble.add(new ProfileError(unreadable.source(), 0, 0, unreadable.why()));
        }
        Map<String, String> modes = all.observed().orElse(Map.of());
        boolean known = !(all instanceof Reading.Unreadable<Map<String, String>>);
        Set<String> names = new HashSet<>(owned.keySet());
        wanted.sources()
                .forEach(source -> source.policy()
                        .ifPresent(policy -> policy.profiles().forEach(profile -> names.add(profile.name()))));
        names.removeIf(name -> name.contains("//"));
        Map<String, List<LoadedProfile>> details =
                kernel.loaded(names).observed().orElse(Map.of());
        Set<String> loaded =
                modes.keySet().stream().filter(name -> !name.contains("//")).collect(Collectors.toSet());
        Looking looking = new Looking(known, modes, details, uses, owned, log.of(loaded));
        for (CompiledSource source : wanted.sources()) {
            if (source.isAccepted()) {
                source.policy().orElseThrow().profiles().stream()
                        .filter(profile -> !profile.isChild())
                        .forEach(profile -> found.put(
                                profile.name(), looking.wanted(profile, source, wanted.troubleOf(profile.name()))));
            } else {
                rejected.add(looking.rejected(source));
            }
        }
        for (OwnedProfile entry : owned.values()) {
            boolean isWanted = !entry.name().contains("//")
                    && !entry.name().equals(ProfileNames.ANCHOR)
                    && !(entry.removing() && known && !modes.containsKey(entry.name()));
            if (isWanted && !found.containsKey(entry.name())) {
                found.put(entry.name(), looking.recorded(entry));
            }
        }
        modes.keySet().stream()
                .filter(name -> !name.contains("//") && !found.containsKey(name))
                .forEach(name -> found.put(name, looking.other(name)));
        List<Profile> profiles = new ArrayList<>(rejected);
        profiles.addAll(found.values());
        profiles.sort(
                Comparator.comparing((Profile profile) -> !profile.isWanted()).thenComparing(Profile::name));
        return new AppArmorProfiles(wanted.directory(), wanted.parser(), profiles, trouble, wanted.isWhole());
    }

    private Map<String, OwnedProfile> owned(List<ProfileError> trouble) {
        try {
            return record.isPresent() ? record.get().read() : Map.of();
        } catch (IOException e) {
            trouble.add(new ProfileError("the record of loaded profiles", 0, 0, String.valueOf(e.getMessage())));
            return Map.of();
        }
    }

    private record Looking(
            boolean known,
            Map<String, String> modes,
            Map<String, List<LoadedProfile>> details,
            Map<String, ProfileUse> uses,
            Map<String, OwnedProfile> owned,
            Map<String, Reading<ProfileEvents>> events) {

        Profile wanted(CompiledPolicy.Profile profile, CompiledSource source, List<ProfileError> errors) {
            List<String> hashes = PolicyLoader.hashes(source.policy().orElseThrow());
            OwnedProfile entry = owned.get(profile.name());
            return profile(
                    profile.name(),
                    state(profile.name(), profile.mode(), hashes, entry),
                    Optional.of(source.source().origin()),
                    Optional.of(profile.mode()),
                    hashes,
                    entry != null && entry.removing(),
                    entry != null,
                    errors,
                    source.warnings());
        }

        Profile recorded(OwnedProfile entry) {
            return profile(
                    entry.name(),
                    state(entry.name(), entry.mode(), entry.hashes(), entry),
                    Optional.of(entry.origin()),
                    Optional.of(entry.mode()),
                    entry.hashes(),
                    entry.removing(),
                    true,
                    List.of(),
                    List.of());
        }

        Profile other(String name) {
            return profile(
                    name,
                    State.OTHER,
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    false,
                    name.equals(ProfileNames.ANCHOR) && owned.containsKey(name),
                    List.of(),
                    List.of());
        }

        Profile rejected(CompiledSource source) {
            String origin = source.source().origin();
            // The last good one of the same file, where there was one.
            String name = owned.values().stream()
                    .filter(entry ->
                            entry.origin().equals(origin) && !entry.name().contains("//"))
                    .map(OwnedProfile::name)
                    .findFirst()
                    .orElse(origin);
            return profile(
                    name,
                    State.REJECTED,
                    Optional.of(origin),
                    Optional.empty(),
                    List.of(),
                    false,
                    owned.containsKey(name),
                    source.errors(),
                    source.warnings());
        }

        private State state(String name, String mode, List<String> hashes, @Nullable OwnedProfile entry) {
            if (!known) {
                return State.UNVERIFIED;
            }
            String there = modes.get(name);
            if (there == null) {
                return State.MISSING;
            }
            List<LoadedProfile> present = details.getOrDefault(name, List.of());
            Optional<String> hash = present.size() == 1
                    ? present.get(0).hash().observed()
                    : Optional.of("two profiles of this name").filter(text -> present.size() > 1);
            if (hash.isPresent() && !hashes.contains(hash.get())) {
                if (entry == null) {
                    return State.FOREIGN;
                }
                return there.equals(mode) ? State.CONTENT : State.MODE;
            }
            if (!there.equals(mode)) {
                return State.MODE;
            }
            return hash.isPresent() ? State.VERIFIED : State.UNVERIFIED;
        }

        private Profile profile(
                String name,
                State state,
                Optional<String> source,
                Optional<String> wantedMode,
                List<String> hashes,
                boolean removing,
                boolean ours,
                List<ProfileError> errors,
                List<ProfileError> warnings) {
            List<LoadedProfile> present = details.getOrDefault(name, List.of());
            Reading<String> hash = present.isEmpty()
                    ? new Reading.Absent<>(AppArmorPolicy.DIRECTORY + "/policy/profiles/" + name)
                    : present.get(0).hash();
            String algorithm = hash.observed()
                    .map(text -> text.substring(0, text.indexOf(':') + 1))
                    .orElse("sha256:");
            ProfileUse use = uses.getOrDefault(name, ProfileUse.NONE);
            return new Profile(
                    name,
                    state,
                    source,
                    wantedMode,
                    Optional.ofNullable(modes.get(name)),
                    hashes.stream().filter(text -> text.startsWith(algorithm)).findFirst(),
                    hash,
                    ours,
                    removing,
                    (int) modes.keySet().stream()
                            .filter(other -> other.startsWith(name + "//") && other.contains(LEARNED))
                            .count(),
                    use.users(),
                    use.processes(),
                    events.getOrDefault(name, new Reading.Absent<>(name)),
                    errors,
                    warnings);
        }
    }
}
