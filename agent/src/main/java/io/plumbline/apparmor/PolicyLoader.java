package io.plumbline.apparmor;

import io.plumbline.apparmor.CompiledPolicy.Profile;
import io.plumbline.apparmor.LoadOutcome.Result;
import io.plumbline.kernel.AppArmorPolicy;
import io.plumbline.kernel.LiveLabels;
import io.plumbline.model.LoadedProfile;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Puts profiles into the kernel and takes them out again, and touches nothing that is not ours.
 *
 * <p>A profile that somebody is under is never removed: the kernel would leave them unconfined, and loading it again does not help. A name
 * that somebody else loaded is never overwritten.
 */
public final class PolicyLoader {

    private static final String EEXIST = "EEXIST";
    private static final String ANCHOR_TEXT =
            "profile " + ProfileNames.ANCHOR + " flags=(attach_disconnected) {\n  signal,\n}\n";

    private final AppArmorPolicy kernel;
    private final LiveLabels labels;
    private final OwnershipRecord record;

    public PolicyLoader(AppArmorPolicy kernel, LiveLabels labels, OwnershipRecord record) {
        this.kernel = kernel;
        this.labels = labels;
        this.record = record;
    }

    /**
     * Loads what was accepted. What is wrong with one source stops no other.
     *
     * @param byDirectory these are all that a directory holds
     * @param takeOver also names that somebody else has loaded
     * @throws IOException if the kernel's state or the record cannot be read or written: then nothing was changed, or what was is recorded
     */
    public List<LoadOutcome> load(
            List<CompiledSource> sources, ProfileCompiler compiler, boolean byDirectory, boolean takeOver)
            throws IOException {
        return record.locked(() -> {
            Map<String, OwnedProfile> owned = record.read();
            List<LoadOutcome> outcomes = new ArrayList<>();
            List<CompiledSource> accepted = accepted(sources, outcomes);
            Set<String> names = new HashSet<>(topNames(owned.keySet()));
            accepted.forEach(source -> names.addAll(topNames(source.policy().orElseThrow().profiles().stream()
                    .map(Profile::name)
                    .toList())));
            Map<String, List<LoadedProfile>> there = loaded(names);
            List<CompiledSource> toWrite = new ArrayList<>();
            Map<String, OwnedProfile> intended = new TreeMap<>(owned);
            for (CompiledSource source : accepted) {
                plan(source, there, owned, intended, byDirectory, takeOver, toWrite, outcomes);
            }
            if (!toWrite.isEmpty()) {
                Optional<CompiledSource> anchor = anchor(compiler, intended);
                record.write(intended.values());
                write(anchor, toWrite, owned, intended, outcomes);
            }
            if (!intended.equals(owned)) {
                record.write(intended.values());
            }
            return outcomes;
        });
    }

    /** Rejected ones are said; of two sources with one name neither is taken. */
    private static List<CompiledSource> accepted(List<CompiledSource> sources, List<LoadOutcome> outcomes) {
        Map<String, List<String>> origins = new TreeMap<>();
        for (CompiledSource source : sources) {
            source.policy()
                    .ifPresent(policy -> policy.profiles()
                            .forEach(profile -> origins.computeIfAbsent(profile.name(), name -> new ArrayList<>())
                                    .add(source.source().origin())));
        }
        List<CompiledSource> accepted = new ArrayList<>();
        for (CompiledSource source : sources) {
            String origin = source.source().origin();
            if (!source.isAccepted()) {
                source.errors()
                        .forEach(error -> outcomes.add(new LoadOutcome(origin, Result.REFUSED, error.toString())));
                continue;
            }
            Optional<String> twice = source.policy().orElseThrow().profiles().stream()
                    .map(Profile::name)
                    .filter(name -> origins.getOrDefault(name, List.of()).size() > 1)
                    .findFirst();
            if (twice.isPresent()) {
                outcomes.add(new LoadOutcome(
                        twice.get(),
                        Result.REFUSED,
                        origin + ": the profile '" + twice.get() + "' stands in "
                                + String.join(" and in ", origins.getOrDefault(twice.get(), List.of()))
                                + "; none of them is loaded"));
            } else {
                accepted.add(source);
            }
        }
        return accepted;
    }

    private void plan(
            CompiledSource source,
            Map<String, List<LoadedProfile>> there,
            Map<String, OwnedProfile> owned,
            Map<String, OwnedProfile> intended,
            boolean byDirectory,
            boolean takeOver,
            List<CompiledSource> toWrite,
            List<LoadOutcome> outcomes) {
        CompiledPolicy policy = source.policy().orElseThrow();
        List<String> hashes = hashes(policy);
        List<Profile> tops =
                policy.profiles().stream().filter(profile -> !profile.isChild()).toList();
        for (Profile profile : tops) {
            List<LoadedProfile> present = there.getOrDefault(profile.name(), List.of());
            boolean foreign = !present.isEmpty()
                    && !present.stream().allMatch(one -> isOurs(one, owned.get(profile.name())))
                    && !isWhole(present, hashes, profile.mode());
            if (foreign && !takeOver) {
                outcomes.add(new LoadOutcome(
                        profile.name(),
                        Result.REFUSED,
                        source.source().origin() + ": the kernel holds a profile '" + profile.name()
                                + "' that is not from here; it stays as it is (--take-over replaces it)"));
                return;
            }
        }
        boolean all = tops.stream()
                .allMatch(profile -> isWhole(there.getOrDefault(profile.name(), List.of()), hashes, profile.mode()));
        for (Profile profile : policy.profiles()) {
            OwnedProfile before = owned.get(profile.name());
            if (all && before == null && !takeOver) {
                // The very same, loaded by somebody else: theirs to remove.
                continue;
            }
            intended.put(
                    profile.name(),
                    new OwnedProfile(
                            profile.name(),
                            profile.mode(),
                            hashes,
                            all || before == null ? List.of() : before.allHashes(),
                            source.source().origin(),
                            byDirectory || isKeptByDirectory(before),
                            false));
        }
        // A child that the new version does not have stays loaded until it is removed by name.
        Set<String> now =
                new HashSet<>(policy.profiles().stream().map(Profile::name).toList());
        owned.values().stream()
                .filter(entry -> entry.name().contains("//") && !now.contains(entry.name()))
                .filter(entry ->
                        now.contains(entry.name().substring(0, entry.name().indexOf("//"))))
                .forEach(entry -> intended.put(entry.name(), entry.toBeRemoved()));
        if (all) {
            tops.forEach(profile -> outcomes.add(new LoadOutcome(profile.name(), Result.UNCHANGED, "")));
        } else {
            toWrite.add(source);
        }
    }

    /** What a command puts right for a directory stays the directory's, and goes with its file. */
    private static boolean isKeptByDirectory(@Nullable OwnedProfile before) {
        return before != null && before.byDirectory() && !before.removing();
    }

    private void write(
            Optional<CompiledSource> anchor,
            List<CompiledSource> toWrite,
            Map<String, OwnedProfile> owned,
            Map<String, OwnedProfile> intended,
            List<LoadOutcome> outcomes)
            throws IOException {
        Optional<byte[]> anchorPolicy =
                anchor.map(source -> source.policy().orElseThrow().bytes());
        Map<CompiledSource, Optional<String>> written = new LinkedHashMap<>();
        if (anchorPolicy.isPresent() && !isLoaded(ProfileNames.ANCHOR)) {
            kernel.replace(anchorPolicy.get());
        }
        for (CompiledSource source : toWrite) {
            written.put(source, replace(source.policy().orElseThrow().bytes(), anchorPolicy));
        }
        Set<String> names = new HashSet<>();
        toWrite.forEach(
                source -> source.policy().orElseThrow().profiles().forEach(profile -> names.add(profile.name())));
        Map<String, List<LoadedProfile>> there = loaded(topNames(names));
        written.forEach((source, trouble) -> settle(source, trouble, there, owned, intended, outcomes));
    }

    /**
     * One write. EEXIST has one known cause: an earlier load failed half-way and left a directory behind that is in the way of every later
     * one, until some profile is removed. The anchor is there to be that one.
     */
    private Optional<String> replace(byte[] policy, Optional<byte[]> anchor) {
        Optional<String> trouble = kernel.replace(policy);
        if (!trouble.equals(Optional.of(EEXIST)) || anchor.isEmpty()) {
            return trouble;
        }
        kernel.remove(ProfileNames.ANCHOR);
        kernel.replace(anchor.get());
        return kernel.replace(policy);
    }

    private static void settle(
            CompiledSource source,
            Optional<String> trouble,
            Map<String, List<LoadedProfile>> there,
            Map<String, OwnedProfile> owned,
            Map<String, OwnedProfile> intended,
            List<LoadOutcome> outcomes) {
        CompiledPolicy policy = source.policy().orElseThrow();
        for (Profile profile : policy.profiles()) {
            OwnedProfile entry = intended.get(profile.name());
            boolean whole = profile.isChild()
                    || isWhole(there.getOrDefault(profile.name(), List.of()), hashes(policy), profile.mode());
            if (trouble.isEmpty() && whole && entry != null) {
                intended.put(profile.name(), entry.settled());
            } else if (trouble.isPresent()) {
                OwnedProfile before = owned.get(profile.name());
                if (before == null) {
                    intended.remove(profile.name());
                } else {
                    intended.put(profile.name(), before);
                }
            }
            if (!profile.isChild()) {
                outcomes.add(
                        trouble.isPresent()
                                ? new LoadOutcome(
                                        profile.name(),
                                        Result.FAILED,
                                        source.source().origin() + ": " + AppArmorPolicy.DIRECTORY + "/.replace: "
                                                + explained(trouble.get()))
                                : whole
                                        ? new LoadOutcome(profile.name(), Result.LOADED, "")
                                        : new LoadOutcome(
                                                profile.name(),
                                                Result.FAILED,
                                                source.source().origin() + ": the kernel took '" + profile.name()
                                                        + "' and does not show it as it was written"));
            }
        }
    }

    /**
     * Removes what is ours and that nobody is under; marks what somebody is under.
     *
     * @param names without children, which go with their parents
     * @throws IOException as {@link #load}
     */
    public List<LoadOutcome> remove(Collection<String> names) throws IOException {
        return record.locked(() -> {
            Map<String, OwnedProfile> owned = new TreeMap<>(record.read());
            List<LoadOutcome> outcomes = new ArrayList<>();
            removeAll(names, owned, outcomes);
            return outcomes;
        });
    }

    /** Removes what is marked and free. */
    public List<LoadOutcome> sweepMarked() throws IOException {
        return sweep(Optional.empty(), RejectedSources.among(List.of()));
    }

    /**
     * Marks what a directory does not hold any more, and removes what is marked and free.
     *
     * @param wanted the names in the directory, children too; empty where it is not known, and nothing is marked
     * @param rejected those sources of it that tell no names; what they may hold stays
     */
    List<LoadOutcome> sweep(Optional<Set<String>> wanted, RejectedSources rejected) throws IOException {
        return record.locked(() -> {
            Map<String, OwnedProfile> owned = new TreeMap<>(record.read());
            List<String> unwanted = owned.values().stream()
                    .filter(profile -> !profile.name().equals(ProfileNames.ANCHOR))
                    .filter(profile -> profile.removing()
                            || (profile.byDirectory()
                                    && wanted.filter(names -> !names.contains(profile.name()))
                                            .isPresent()
                                    && !rejected.mayHold(profile)))
                    .map(OwnedProfile::name)
                    .toList();
            List<LoadOutcome> outcomes = new ArrayList<>();
            if (!unwanted.isEmpty()) {
                removeAll(unwanted, owned, outcomes);
            }
            return outcomes;
        });
    }

    private void removeAll(Collection<String> names, Map<String, OwnedProfile> owned, List<LoadOutcome> outcomes)
            throws IOException {
        Map<String, OwnedProfile> before = Map.copyOf(owned);
        outcomes.addAll(new PolicyRemoval(
                        kernel.profiles().observed().orElseThrow(() -> unreadable(kernel.profiles())),
                        loaded(topNames(names)),
                        labels.read(),
                        kernel)
                .of(names, owned));
        if (!before.equals(owned)) {
            record.write(owned.values());
        }
    }

    /** Names of what was loaded from here in this boot, without children. */
    public Set<String> loadedFromHere() throws IOException {
        Set<String> names = topNames(record.read().keySet());
        names.remove(ProfileNames.ANCHOR);
        return names;
    }

    private Optional<CompiledSource> anchor(ProfileCompiler compiler, Map<String, OwnedProfile> intended)
            throws IOException {
        CompiledSource anchor = compiler.anchor(ANCHOR_TEXT);
        anchor.policy()
                .ifPresent(policy -> intended.put(
                        ProfileNames.ANCHOR,
                        new OwnedProfile(
                                ProfileNames.ANCHOR,
                                "enforce",
                                hashes(policy),
                                List.of(),
                                "plumbline itself",
                                false,
                                false)));
        return anchor.isAccepted() ? Optional.of(anchor) : Optional.empty();
    }

    private boolean isLoaded(String name) {
        return kernel.loaded(Set.of(name))
                .observed()
                .filter(all -> all.containsKey(name))
                .isPresent();
    }

    private Map<String, List<LoadedProfile>> loaded(Collection<String> names) throws IOException {
        Reading<Map<String, List<LoadedProfile>>> there = kernel.loaded(names);
        return there.observed().orElseThrow(() -> unreadable(there));
    }

    private static IOException unreadable(Reading<?> reading) {
        return new IOException(reading.trouble().orElse(AppArmorPolicy.DIRECTORY + " is not there"));
    }

    /** Without its hash nothing tells them apart, and the record is of this boot. */
    static boolean isOurs(LoadedProfile loaded, @Nullable OwnedProfile entry) {
        return entry != null && loaded.hash().observed().map(entry::wrote).orElse(true);
    }

    /** One profile of the name, with these bytes, in this mode. */
    static boolean isWhole(List<LoadedProfile> present, List<String> hashes, String mode) {
        return present.size() == 1
                && present.get(0).mode().equals(mode)
                && present.get(0).hash().observed().filter(hashes::contains).isPresent();
    }

    static List<String> hashes(CompiledPolicy policy) {
        return List.of("sha256:" + policy.sha256(), "sha1:" + policy.sha1());
    }

    private static Set<String> topNames(Collection<String> names) {
        Set<String> tops = new HashSet<>();
        names.forEach(name -> tops.add(name.contains("//") ? name.substring(0, name.indexOf("//")) : name));
        return tops;
    }

    static String explained(String errno) {
        return switch (errno) {
            case "EACCES", "EPERM" ->
                errno + ": loading needs root with CAP_MAC_ADMIN in the node's own user namespace, not confined by a"
                        + " profile that forbids it, and lock_policy off";
            case "EROFS" -> errno + ": securityfs is mounted read-only";
            case "ENOENT" -> errno + ": securityfs is not mounted there, or AppArmor is off";
            case "EPROTO", "EPROTONOSUPPORT" ->
                errno + ": this kernel does not take what this apparmor_parser makes; are their versions far apart?";
            case EEXIST -> errno + ": an earlier load that failed is in the way; removing any profile frees it";
            default -> errno;
        };
    }
}
