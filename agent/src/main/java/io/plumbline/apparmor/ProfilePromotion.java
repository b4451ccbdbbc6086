package io.plumbline.apparmor;

import io.plumbline.apparmor.CompiledPolicy.Profile;
import io.plumbline.apparmor.LoadOutcome.Result;
import io.plumbline.kernel.AppArmorPolicy;
import io.plumbline.model.LoadedProfile;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * From complain mode to enforce mode. What is enforced then is what was watched: the very bytes that the kernel holds, with nothing but
 * another mode in them.
 */
public final class ProfilePromotion {

    private final AppArmorPolicy kernel;
    private final OwnershipRecord record;

    public ProfilePromotion(AppArmorPolicy kernel, OwnershipRecord record) {
        this.kernel = kernel;
        this.record = record;
    }

    /** What may come of a name. */
    public sealed interface Found {}

    /** Nothing: why, and what to do. */
    public record Refused(String why) implements Found {}

    /** Profiles in complain mode, which were loaded together and can only be replaced together. */
    public static final class Candidate implements Found {
        private final CompiledSource source;
        private final List<String> names;

        private Candidate(CompiledSource source, List<String> names) {
            this.source = source;
            this.names = names;
        }

        /** Without children. */
        public List<String> names() {
            return names;
        }

        /** The file that it was loaded from, for a person. */
        public String origin() {
            return source.source().origin();
        }
    }

    /**
     * Looks for a profile by its name.
     *
     * @throws IOException if the record cannot be read
     */
    public Found find(String name) throws IOException {
        OwnedProfile entry = record.read().get(name);
        if (entry == null || name.contains("//")) {
            return new Refused("no profile of that name was loaded from here");
        }
        if (entry.byDirectory()) {
            return new Refused("its mode is said where its text is, " + entry.origin() + ": " + remedy(entry));
        }
        Reading<Map<String, List<LoadedProfile>>> loaded = kernel.loaded(Set.of(name));
        List<LoadedProfile> present = loaded.observed().orElse(Map.of()).getOrDefault(name, List.of());
        if (present.size() != 1) {
            return new Refused(loaded.trouble()
                    .orElse("the kernel holds " + (present.isEmpty() ? "none" : "two") + " of that name"));
        }
        if (!present.get(0).mode().equals("complain")) {
            return new Refused("it is in mode " + present.get(0).mode() + ", not in complain mode");
        }
        Reading<byte[]> bytes = kernel.policy(name);
        if (!(bytes instanceof Reading.Observed<byte[]> raw)) {
            return new Refused("the kernel does not show what was loaded: "
                    + bytes.trouble().orElse("export_binary is off"));
        }
        try {
            CompiledPolicy policy = CompiledPolicy.read(raw.value());
            Optional<String> hash = present.get(0).hash().observed();
            if (hash.isEmpty()
                    || !PolicyLoader.hashes(policy).contains(hash.get())
                    || !PolicyLoader.isOurs(present.get(0), entry)) {
                return new Refused("the kernel holds other content than what was loaded from here");
            }
            CompiledPolicy enforced = policy.inModes(mode -> mode.equals("complain") ? "enforce" : mode);
            return new Candidate(
                    CompiledSource.accepted(ProfileSource.of(entry.origin(), raw.value()), enforced, List.of()),
                    policy.profiles().stream()
                            .filter(profile ->
                                    !profile.isChild() && profile.mode().equals("complain"))
                            .map(Profile::name)
                            .toList());
        } catch (MalformedPolicyException e) {
            return new Refused("what the kernel holds cannot be read: " + e.getMessage());
        }
    }

    private static String remedy(OwnedProfile entry) {
        String object = "AppArmorProfile/";
        return entry.origin().startsWith(object)
                ? "kubectl patch aap " + entry.origin().substring(object.length())
                        + " --type=merge -p '{\"spec\": {\"mode\": \"enforce\"}}'"
                : "take complain out of its flags there";
    }

    /** Loads it in enforce mode. */
    public List<LoadOutcome> promote(Candidate candidate, PolicyLoader loader, ProfileCompiler compiler)
            throws IOException {
        return loader.load(List.of(candidate.source), compiler, false, false).stream()
                .map(outcome -> outcome.result() == Result.LOADED
                        ? new LoadOutcome(outcome.subject(), Result.LOADED, "in enforce mode")
                        : outcome)
                .toList();
    }
}
