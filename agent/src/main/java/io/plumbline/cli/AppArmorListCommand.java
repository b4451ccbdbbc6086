package io.plumbline.cli;

import io.plumbline.apparmor.ProfileSurvey;
import io.plumbline.apparmor.Wanted;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.ProfileUse;
import io.plumbline.model.Reading;
import io.plumbline.report.ProfileJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the profiles in this node's kernel. */
@Command(
        name = "list",
        description =
                "The profiles in this node's kernel: whose, in which mode, whether they are as they were loaded, who is under them.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Exit status: 0 what was loaded from here is as it was loaded, 1 something is not, 2 could not look."
        })
public final class AppArmorListCommand implements Callable<Integer> {

    @Option(
            names = "--output",
            paramLabel = "table|json",
            defaultValue = "table",
            description = "How the answer looks.")
    private String output = "table";

    @Mixin
    private AppArmorArguments policy = new AppArmorArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        boolean json = Words.isJson(output);
        policy.requireAppArmor();
        Reading<Map<String, List<Integer>>> live = policy.labels().read();
        AppArmorProfiles profiles = new ProfileSurvey(policy.kernel(), policy.record())
                .look(Wanted.nothing(new Reading.Absent<>("apparmor_parser")), uses(live));
        if (!profiles.trouble().isEmpty()) {
            throw new UsageException(profiles.trouble().get(0).toString());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(ProfileJson.of(profiles).toPrettyString());
        } else {
            print(profiles, out);
        }
        live.trouble()
                .ifPresent(why -> spec.commandLine()
                        .getErr()
                        .println(
                                Lines.one(spec.qualifiedName() + ": who is under a profile is not all known: " + why)));
        out.flush();
        spec.commandLine().getErr().flush();
        boolean sound = profiles.profiles().stream()
                .filter(profile -> profile.isWanted() && !profile.removing())
                .allMatch(profile -> profile.state() == AppArmorProfiles.State.VERIFIED);
        return sound ? ExitStatus.CLEAN : ExitStatus.FOUND;
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
        String format = "%-" + Math.max("NAME".length(), longest) + "s  %-10s  %-10s  %-9s  %s";
        out.println(String.format(format, "NAME", "MODE", "STATE", "PROCESSES", "SOURCE"));
        for (Profile profile : profiles.profiles()) {
            out.println(String.format(
                            format,
                            Lines.one(profile.name()),
                            profile.mode().orElse("-"),
                            profile.removing() ? "removing" : profile.state().word(),
                            profile.processes(),
                            Lines.one(profile.source().orElse(profile.ours() ? "plumbline itself" : "-")))
                    .stripTrailing());
        }
    }
}
