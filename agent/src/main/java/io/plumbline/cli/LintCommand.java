package io.plumbline.cli;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.PolicyException;
import io.plumbline.checks.policy.BeyondStandards;
import io.plumbline.checks.policy.OwnPolicies;
import io.plumbline.checks.policy.PodSecurityLevel;
import io.plumbline.checks.policy.PodSecurityStandards;
import io.plumbline.checks.policy.PodSecurityVersion;
import io.plumbline.checks.policy.PolicyCheck;
import io.plumbline.checks.policy.PolicyChecks;
import io.plumbline.cli.ManifestInputs.Input;
import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.ManifestReader;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.model.LintReport;
import io.plumbline.model.LintReport.LintedFile;
import io.plumbline.model.LintReport.LintedObject;
import io.plumbline.model.LintReport.Rule;
import io.plumbline.model.Manifest;
import io.plumbline.model.PolicySet;
import io.plumbline.model.PolicyViolation;
import io.plumbline.report.JunitReport;
import io.plumbline.report.LintJsonReport;
import io.plumbline.report.LintTableReport;
import io.plumbline.report.Paint;
import io.plumbline.report.SarifReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says of manifests what Pod Security admission would say of them. */
@Command(
        name = "lint",
        description = "Checks manifests against the Pod Security Standards or PodSecurityPolicies, as admission would.",
        sortOptions = false,
        footer = {
            "",
            "Exit status: 0 all are allowed, 1 some are not, 2 something could not be judged.",
            "",
            "Examples:",
            "  plumbline lint pod.yaml",
            "  plumbline lint --level restricted --version v1.29 manifests/",
            "  plumbline lint --policy psp.yaml manifests/",
            "  helm template chart | plumbline lint --output sarif -"
        })
public final class LintCommand implements Callable<Integer> {

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description =
                    "privileged (allows everything), baseline or restricted (default: baseline, or privileged with --policy).")
    private @Nullable String level;

    @Option(
            names = "--version",
            paramLabel = "v1.N|latest",
            defaultValue = "latest",
            description = "The standards as of this version of Kubernetes (default: latest).")
    private String version = "latest";

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            split = ",",
            description = "PodSecurityPolicies, or your own policies (plumbline.io/v1). May be repeated.")
    private List<Path> policyFiles = List.of();

    @Option(
            names = "--output",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "Output format: table, json, sarif (2.1.0) or junit (XML) (default: ${DEFAULT-VALUE}).")
    private String output = "table";

    // Not the standard mixin: its --version is another one.
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help message and exit.")
    @SuppressWarnings("UnusedVariable") // picocli shows the help by itself
    private boolean help;

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Manifests (YAML or JSON), or directories of them; - is standard input.")
    private List<String> files = List.of();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    private final PodSecurityStandards standards = new PodSecurityStandards(PolicyChecks.all());
    private final ManifestReader reader = new ManifestReader();

    private enum Output {
        TABLE,
        JSON,
        SARIF,
        JUNIT
    }

    /** What the options say. */
    private record Asked(
            PodSecurityLevel level, PodSecurityVersion version, Output output, PolicySet files, OwnPolicies own) {}

    @Override
    public Integer call() throws IOException {
        Asked asked = asked();
        PrintWriter err = spec.commandLine().getErr();
        PodSecurityVersion known = standards.known(asked.version());
        if (!known.equals(asked.version()) && !asked.version().equals(PodSecurityVersion.LATEST)) {
            say(err, asked.version() + " is newer than the newest version known here; judged by " + known);
        }
        if (!asked.files().rules().isEmpty()) {
            say(
                    err,
                    "rules in CEL judge what runs (scan, serve), not manifests: left out are "
                            + ruleIds(asked.files()));
        }
        List<LintedFile> judged = new ArrayList<>();
        try (Progress progress = Progress.onTerminal(err)) {
            for (Input input : ManifestInputs.of(files)) {
                progress.now("reading " + input.name());
                judged.add(judge(input, asked, known));
            }
        }
        LintReport report = new LintReport(words(asked, known), rules(asked, known), judged);
        print(report, asked.output());
        for (LintedFile file : judged) {
            file.problem().ifPresent(problem -> say(err, file.file() + ": " + problem));
        }
        if (report.hasProblems()) {
            return ExitStatus.FAILED;
        }
        return report.hasViolations() ? ExitStatus.FOUND : ExitStatus.CLEAN;
    }

    private static String ruleIds(PolicySet files) {
        return files.rules().stream().map(PolicySet.OwnRule::id).collect(Collectors.joining(", "));
    }

    /** All that is wrong with the options is said at once. */
    private Asked asked() {
        List<String> wrong = new ArrayList<>();
        Optional<PodSecurityVersion> dated = PodSecurityVersion.of(version);
        if (dated.isEmpty()) {
            wrong.add("--version: '" + version + "' is no version; use latest, or v1.0 to " + standards.newest());
        }
        Output format = switch (output) {
            case "table" -> Output.TABLE;
            case "json" -> Output.JSON;
            case "sarif" -> Output.SARIF;
            case "junit" -> Output.JUNIT;
            default -> {
                wrong.add("--output: '" + output + "' is unknown; use table, json, sarif or junit");
                yield Output.TABLE;
            }
        };
        PolicySet set = PolicySet.NONE;
        OwnPolicies own = new OwnPolicies(standards, set);
        try {
            set = PolicyFiles.read(policyFiles);
            own = new OwnPolicies(standards, set);
        } catch (ManifestException e) {
            wrong.addAll(PolicyArguments.lines(e.problems()));
        } catch (PolicyException e) {
            wrong.addAll(PolicyArguments.lines(e.problems()));
        }
        String wanted = level != null ? level : set.isEmpty() ? "baseline" : "privileged";
        Optional<PodSecurityLevel> asked = PodSecurityLevel.ofWord(wanted);
        if (asked.isEmpty()) {
            wrong.add(0, "--level: '" + wanted + "' is no level; use privileged, baseline or restricted");
        }
        if (!wrong.isEmpty()) {
            throw new UsageException(wrong);
        }
        return new Asked(asked.orElseThrow(), dated.orElseThrow(), format, set, own);
    }

    private LintedFile judge(Input input, Asked asked, PodSecurityVersion known) throws IOException {
        List<LintedObject> objects = new ArrayList<>();
        Consumer<Manifest> each = manifest -> objects.add(judge(manifest, asked, known));
        if (input.problem().isPresent()) {
            return new LintedFile(input.name(), List.of(), input.problem());
        }
        try {
            if (input.path().isPresent()) {
                reader.read(input.path().get(), each);
            } else {
                reader.read(System.in, each);
            }
            return new LintedFile(input.name(), objects, Optional.empty());
        } catch (ManifestException e) {
            return new LintedFile(input.name(), List.of(), Optional.of(String.valueOf(e.getMessage())));
        } catch (OutOfMemoryError e) {
            // What was read is garbage by now, and other files may be smaller.
            return new LintedFile(
                    input.name(),
                    List.of(),
                    Optional.of("too large for this memory; split it, or give Java more (-Xmx)"));
        }
    }

    private LintedObject judge(Manifest manifest, Asked asked, PodSecurityVersion known) {
        List<PolicyViolation> violations = new ArrayList<>();
        manifest.pod().ifPresent(pod -> {
            violations.addAll(standards.judge(pod, asked.level(), known));
            asked.own().judge(pod, Map.of()).forEach(word -> violations.addAll(word.violations()));
        });
        return new LintedObject(
                manifest.kind(),
                manifest.name(),
                manifest.line(),
                manifest.pod().isPresent(),
                violations,
                manifest.notes());
    }

    /** What is in force, in words. */
    private static String words(Asked asked, PodSecurityVersion known) {
        List<String> words = new ArrayList<>();
        if (asked.level() != PodSecurityLevel.PRIVILEGED || asked.files().isEmpty()) {
            words.add(asked.level().word() + " " + known);
        }
        asked.files().standards().forEach(policy -> words.add("PodPolicy " + policy.name()));
        asked.files().policies().forEach(policy -> words.add("PodSecurityPolicy " + policy.name()));
        return String.join(", ", words);
    }

    /** With policy files every check may speak. */
    private List<Rule> rules(Asked asked, PodSecurityVersion known) {
        Stream<CheckDescription> checks = asked.files().isEmpty()
                ? standards.inForce(asked.level(), known).stream().map(PolicyCheck::description)
                : Stream.concat(
                        PolicyChecks.all().stream().map(PolicyCheck::description),
                        BeyondStandards.descriptions().stream());
        return checks.map(LintCommand::rule).toList();
    }

    private static Rule rule(CheckDescription check) {
        return new Rule(check.id(), check.title(), check.promise(), check.remedy());
    }

    /** All is judged before the first byte leaves: nothing half-printed. */
    private void print(LintReport report, Output format) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        switch (format) {
            case TABLE -> {
                Terminal terminal = Terminal.ofThisProcess();
                new LintTableReport(terminal.width(), terminal.colour() ? Paint.ON : Paint.OFF)
                        .lines(report)
                        .forEach(out::println);
            }
            case JSON -> new LintJsonReport().write(report, out);
            case SARIF -> new SarifReport(new CommandTree.Version().number()).write(report, out);
            case JUNIT -> new JunitReport(Instant.now()).write(report, out);
        }
        out.flush();
        if (out.checkError()) {
            throw new IOException("standard output: could not write the whole report");
        }
    }

    private static void say(PrintWriter err, String what) {
        err.println(Lines.one("plumbline lint: " + what));
        err.flush();
    }
}
