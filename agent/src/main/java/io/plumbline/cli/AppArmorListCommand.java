package io.plumbline.cli;

import io.plumbline.apparmor.ProfileSurvey;
import io.plumbline.apparmor.Wanted;
import io.plumbline.kernel.AuditTrail;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.ProfileUse;
import io.plumbline.model.Reading;
import io.plumbline.report.ProfileJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows the profiles in this node's kernel. */
@Command(
        name = "list",
        description =
                "Lists the profiles in this node's kernel: owner, mode, unchanged since loaded, confined processes.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "ALLOWED counts what complain mode let pass and enforce mode would have denied,",
            "DENIED what was denied, both since the profile was loaded, by auditd's log or",
            "the kernel's. 3+ is three or more, because lines are missing; ? is unknown,",
            "with the reason.",
            "Exit status: 0 what was loaded from here is unchanged, 1 something is not,",
            "2 could not look."
        })
public final class AppArmorListCommand implements Callable<Integer> {

    @Mixin
    private OutputArguments output = new OutputArguments();

    @Mixin
    private AppArmorArguments policy = new AppArmorArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        boolean json = output.isJson();
        policy.requireAppArmor();
        Reading<Map<String, List<Integer>>> live = policy.labels().read();
        AppArmorProfiles profiles;
        try (AuditTrail log = AuditTrail.below(policy.hostRoot())) {
            profiles = new ProfileSurvey(policy.kernel(), policy.record(), log::of)
                    .look(Wanted.nothing(new Reading.Absent<>("apparmor_parser")), uses(live));
        }
        if (!profiles.trouble().isEmpty()) {
            throw new UsageException(profiles.trouble().get(0).toString());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(ProfileJson.of(profiles).toPrettyString());
        } else {
            print(profiles, out);
        }
        live.trouble().ifPresent(why -> error("who is under a profile is not all known: " + why));
        uncounted(profiles, this::error);
        out.flush();
        spec.commandLine().getErr().flush();
        boolean sound = profiles.profiles().stream()
                .filter(profile -> profile.isWanted() && !profile.removing())
                .allMatch(profile -> profile.state() == AppArmorProfiles.State.VERIFIED);
        return sound ? ExitStatus.CLEAN : ExitStatus.FOUND;
    }

    private void error(String line) {
        spec.commandLine().getErr().println(Lines.one(spec.qualifiedName() + ": " + line));
    }

    /** Here by number alone; with a kubelet's list a scan says which containers they are. */
    private static Map<String, ProfileUse> uses(Reading<Map<String, List<Integer>>> live) {
        Map<String, TreeSet<Integer>> pids = new HashMap<>();
        live.observed().orElse(Map.of()).forEach((label, some) -> {
            int child = label.indexOf("//");
            pids.computeIfAbsent(child < 0 ? label : label.substring(0, child), key -> new TreeSet<>())
                    .addAll(some);
        });
        Map<String, ProfileUse> uses = new HashMap<>();
        pids.forEach((name, all) -> uses.put(
                name,
                new ProfileUse(all.stream().limit(10).map(pid -> "pid " + pid).toList(), all.size())));
        return uses;
    }

    private static void print(AppArmorProfiles profiles, PrintWriter out) {
        int longest = profiles.profiles().stream()
                .mapToInt(profile -> Lines.one(profile.name()).length())
                .max()
                .orElse(0);
        String format = "%-" + Math.max("NAME".length(), longest) + "s  %-10s  %-10s  %-9s  %-7s  %-7s  %s";
        out.println(String.format(format, "NAME", "MODE", "STATE", "PROCESSES", "ALLOWED", "DENIED", "SOURCE"));
        for (Profile profile : profiles.profiles()) {
            out.println(String.format(
                            format,
                            Lines.one(profile.name()),
                            profile.mode().orElse("-"),
                            profile.removing() ? "removing" : profile.state().word(),
                            profile.processes(),
                            count(profile, ProfileEvents::allowed),
                            count(profile, ProfileEvents::denied),
                            Lines.one(profile.source().orElse(profile.ours() ? "plumbline itself" : "-")))
                    .stripTrailing());
        }
    }

    /** {@code 3+} is three or more; {@code ?} is not known. */
    private static String count(Profile profile, ToLongFunction<ProfileEvents> which) {
        return profile.events()
                .fold(seen -> which.applyAsLong(seen) + (seen.isWhole() ? "" : "+"), absent -> "-", unreadable -> "?");
    }

    /** Why it is not known, each reason once. */
    private static void uncounted(AppArmorProfiles profiles, Consumer<String> lines) {
        Map<String, Integer> reasons = new TreeMap<>();
        profiles.profiles().stream()
                .filter(profile -> profile.events() instanceof Reading.Unreadable<ProfileEvents>)
                .forEach(profile -> reasons.merge(profile.events().trouble().orElse(""), 1, Integer::sum));
        reasons.forEach((why, count) -> lines.accept(
                "what was denied is not known of " + count + (count == 1 ? " profile: " : " profiles: ") + why));
    }
}
