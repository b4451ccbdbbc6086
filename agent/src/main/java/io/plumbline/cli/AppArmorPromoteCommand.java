package io.plumbline.cli;

import io.plumbline.apparmor.LoadOutcome;
import io.plumbline.apparmor.ProfileCompiler;
import io.plumbline.apparmor.ProfilePromotion;
import io.plumbline.apparmor.ProfilePromotion.Candidate;
import io.plumbline.apparmor.ProfilePromotion.Found;
import io.plumbline.apparmor.ProfilePromotion.Refused;
import io.plumbline.kernel.AuditTrail;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes profiles from complain mode to enforce mode. */
@Command(
        name = "promote",
        description =
                "Switches profiles from complain to enforce mode, if the log shows that nothing would have been denied.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Counts what the kernel logged about a profile since it was loaded, in auditd's",
            "log or else in the kernel's own. Where neither goes back that far, or lines were",
            "lost, the number is unknown and not zero: the profile stays in complain mode.",
            "Exit status: 0 all are promoted, 1 some are not, 2 could not do its work.",
            "",
            "Examples:",
            "  plumbline apparmor promote --dry-run docker-nginx",
            "  plumbline apparmor promote docker-nginx"
        })
public final class AppArmorPromoteCommand implements Callable<Integer> {

    @Parameters(arity = "1..*", paramLabel = "NAME", description = "Names of profiles that were loaded from here.")
    private List<String> names = List.of();

    @Option(names = "--dry-run", description = "Report what the log shows, and change nothing.")
    private boolean dryRun;

    @Option(
            names = "--anyway",
            description = "Also promote profiles that would have denied something, or for which that is unknown.")
    private boolean anyway;

    @Mixin
    private AppArmorArguments policy = new AppArmorArguments();

    @Mixin
    private ParserArguments parser = new ParserArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        policy.requireAppArmor();
        ProfileCompiler compiler = parser.compilerOrElse(policy.hostRoot(), policy.cache());
        ProfilePromotion promotion = new ProfilePromotion(
                policy.kernel(),
                policy.record()
                        .orElseThrow(() -> new UsageException(
                                "there is no record of what was loaded; name one with --state-dir")));
        Set<String> done = new LinkedHashSet<>();
        boolean all = true;
        for (String name : names) {
            if (done.contains(name)) {
                continue;
            }
            Found found = promotion.find(name);
            if (found instanceof Candidate candidate) {
                done.addAll(candidate.names());
                all &= promote(candidate, promotion, compiler);
            } else if (found instanceof Refused refused) {
                error(name + ": refused: " + refused.why());
                all = false;
            }
        }
        spec.commandLine().getOut().flush();
        spec.commandLine().getErr().flush();
        return all ? ExitStatus.CLEAN : ExitStatus.FOUND;
    }

    private boolean promote(Candidate candidate, ProfilePromotion promotion, ProfileCompiler compiler)
            throws IOException {
        boolean clean = true;
        Map<String, Reading<ProfileEvents>> seen;
        try (AuditTrail log = AuditTrail.below(policy.hostRoot())) {
            seen = log.of(candidate.names());
        }
        for (String name : candidate.names()) {
            Reading<ProfileEvents> events = seen.getOrDefault(name, new Reading.Absent<>(name));
            lines(name, events).forEach(line -> out(line));
            clean &= events.observed()
                    // What is denied in complain mode already, by an explicit rule, changes nothing.
                    .filter(each -> each.isWhole() && each.allowed() == 0)
                    .isPresent();
        }
        String together = String.join(", ", candidate.names());
        if (dryRun) {
            out(together + ": " + (clean ? "could be promoted" : "would stay in complain mode"));
            return clean;
        }
        if (!clean && !anyway) {
            error(together + ": stays in complain mode; --anyway promotes it all the same");
            return false;
        }
        List<LoadOutcome> outcomes = promotion.promote(candidate, policy.loader(), compiler);
        boolean loaded = Outcomes.print(outcomes, spec) == ExitStatus.CLEAN;
        if (loaded) {
            out("in " + candidate.origin()
                    + " it is in complain mode still: take the flag out of it before it is loaded again");
        }
        return loaded;
    }

    /** What the log shows of one profile. */
    static List<String> lines(String name, Reading<ProfileEvents> events) {
        List<String> lines = new ArrayList<>();
        if (!(events instanceof Reading.Observed<ProfileEvents> observed)) {
            lines.add(name + ": what would have been denied is not known: "
                    + events.trouble().orElse("nothing was read"));
            return lines;
        }
        ProfileEvents seen = observed.value();
        String atLeast = seen.isWhole() ? "" : "at least ";
        lines.add(name + ": since " + seen.since() + " (" + seen.source() + "): would have been denied: " + atLeast
                + seen.allowed() + ", was denied: " + atLeast + seen.denied()
                + (seen.isWhole() ? "" : "; not all that was logged since its load is known"));
        seen.most()
                .forEach(deed -> lines.add("  " + deed.times() + " times " + deed.operation() + " " + deed.requested()
                        + " " + deed.object() + " by " + deed.command()));
        return lines;
    }

    private void out(String line) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Lines.one(line));
    }

    private void error(String line) {
        spec.commandLine().getOut().flush();
        spec.commandLine().getErr().println(Lines.one(line));
    }
}
