package io.plumbline.cli;

import io.plumbline.checks.CheckDescription;
import io.plumbline.kernel.NodeReader;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.ExceptionRule;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingKind;
import io.plumbline.model.ScanReport;
import io.plumbline.model.Severity;
import io.plumbline.report.JsonReport;
import io.plumbline.report.Paint;
import io.plumbline.report.TableReport;
import io.plumbline.scan.Catalogue;
import io.plumbline.scan.NodeScan;
import io.plumbline.scan.Policies;
import io.plumbline.scan.ProfileLook;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at the node once and says where containers differ from what was declared. */
@Command(
        name = "scan",
        description = "Scans this node once: what was declared, what the kernel enforces, where they differ.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Exit status: 0 nothing at or above --fail-on, 1 something, 2 could not scan.",
            "Options can also be set in the environment: --fail-on is PLUMBLINE_FAIL_ON.",
            "",
            "Examples:",
            "  plumbline scan                          this machine, by its OCI bundles",
            "  plumbline scan --pods pods.json --output json",
            "  plumbline scan --kubelet-url https://$NODE:10250 --kubelet-token-file token"
        })
public final class ScanCommand implements Callable<Integer> {

    /** Where the pages on checks are, in the repository of this program. */
    static final String DOCS = "docs/checks";

    @Mixin
    private OutputArguments output = new OutputArguments();

    @Option(
            names = "--fail-on",
            paramLabel = "SEVERITY",
            description =
                    "Exit with 1 on a finding of this severity or worse: critical, high, medium, low or info. Default: on"
                            + " drift of severity high or critical.")
    private @Nullable String failOn;

    @Option(
            names = "--exceptions",
            paramLabel = "FILE",
            description = "Accepted findings: shown as such, and no reason for exit status 1.")
    private @Nullable Path exceptions;

    @Mixin
    private ConfigArguments config = new ConfigArguments();

    @Mixin
    private NodeArguments node = new NodeArguments();

    @Mixin
    private PolicyArguments policies = new PolicyArguments();

    @Mixin
    private KubeletArguments kubelet = new KubeletArguments();

    @Mixin
    private ProfileArguments profiles = new ProfileArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Complaints complaints = new Complaints();
        Settings.of(spec).problems().forEach(complaints::that);
        if (config.isShown()) {
            complaints.refuse();
            ConfigArguments.print(spec, spec.commandLine().getOut());
            return ExitStatus.CLEAN;
        }
        Optional<Boolean> json = complaints.of(output::isJson);
        Optional<Predicate<Finding>> fails = complaints.of(this::fails);
        Optional<Policies> policy = complaints.of(policies::read);
        List<CheckDescription> checks = policy.map(Policies::descriptions).orElseGet(Catalogue::descriptions);
        Optional<List<ExceptionRule>> accepted =
                complaints.of(() -> new ExceptionsFile(exceptions, () -> checks).rulesOrFail());
        complaints.in(node::check);
        complaints.in(() -> kubelet.check(System.getenv()));
        complaints.refuse();
        try (Progress progress = Progress.onTerminal(spec.commandLine().getErr())) {
            Optional<DeclaredNode> declared = kubelet.ask(System.getenv(), node.hostRoot(), progress);
            progress.now("reading " + node.proc());
            ScanReport report = look(declared, policy.orElseThrow(), accepted.orElseThrow());
            progress.done();
            print(report, json.orElseThrow());
            boolean found = report.findings().stream()
                    .anyMatch(finding ->
                            !finding.isExcepted() && fails.orElseThrow().test(finding));
            return found ? ExitStatus.FOUND : ExitStatus.CLEAN;
        }
    }

    /** What is asked for by name counts, of whatever kind; unasked only what the kernel allows beyond the declaration. */
    private Predicate<Finding> fails() {
        String asked = failOn;
        if (asked == null) {
            return finding ->
                    finding.kind() == FindingKind.DRIFT && finding.severity().atLeast(Severity.HIGH);
        }
        Severity threshold = Severity.ofWord(asked.toLowerCase(Locale.ROOT))
                .orElseThrow(() -> new UsageException(
                        "--fail-on: '" + asked + "' is no severity; use critical, high, medium, low or info"));
        return finding -> finding.severity().atLeast(threshold);
    }

    private ScanReport look(Optional<DeclaredNode> declared, Policies policy, List<ExceptionRule> accepted)
            throws IOException {
        ProfileLook look = profiles.look(node);
        try (NodeReader kernel = NodeReader.open(node.root())) {
            return new NodeScan(
                            kernel, node.bundles(), node.nodeName(), () -> policy, node.files(), look, () -> accepted)
                    .run(declared);
        } catch (IOException e) {
            throw new UsageException("--proc: " + e.getMessage() + "; name the node's /proc or a captured one");
        }
    }

    /** Everything is made before the first byte leaves: nothing half-printed. */
    private void print(ScanReport report, boolean json) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            StringWriter text = new StringWriter();
            new JsonReport(DOCS).write(report, text);
            out.print(text);
        } else {
            Terminal terminal = Terminal.ofThisProcess();
            new TableReport(terminal.width(), terminal.colour() ? Paint.ON : Paint.OFF)
                    .lines(report)
                    .forEach(out::println);
        }
        out.flush();
        if (out.checkError()) {
            throw new IOException("standard output: could not write the whole report");
        }
    }
}
