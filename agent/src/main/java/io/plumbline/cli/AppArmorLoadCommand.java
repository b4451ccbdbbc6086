package io.plumbline.cli;

import io.plumbline.apparmor.CompiledSource;
import io.plumbline.apparmor.LoadOutcome;
import io.plumbline.apparmor.PolicyLoader;
import io.plumbline.apparmor.ProfileCompiler;
import io.plumbline.apparmor.ProfileSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Loads profiles into this node's kernel. */
@Command(
        name = "load",
        description =
                "Compiles profiles and loads them into this node's kernel; replaces those loaded from here before.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "An error in one file does not stop the others; its last good version stays",
            "loaded.",
            "Exit status: 0 all are loaded, 1 some are not, 2 could not do its work.",
            "",
            "Examples:",
            "  plumbline apparmor load profiles/ nginx.toml"
        })
public final class AppArmorLoadCommand implements Callable<Integer> {

    @Parameters(
            arity = "1..*",
            paramLabel = "FILE",
            description = "Profiles, or directories of them; *.toml is in bane's language; - is standard input.")
    private List<String> files = List.of();

    @Option(names = "--take-over", description = "Also replace profiles of the same name that something else loaded.")
    private boolean takeOver;

    @Mixin
    private AppArmorArguments policy = new AppArmorArguments();

    @Mixin
    private ParserArguments parser = new ParserArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        List<ProfileSource> sources = ProfileInputs.sources(files);
        policy.requireAppArmor();
        ProfileCompiler compiler = parser.compilerOrElse(policy.hostRoot(), policy.cache());
        PolicyLoader loader = policy.loader();
        List<CompiledSource> compiled = new ArrayList<>();
        try (Progress progress = Progress.onTerminal(spec.commandLine().getErr())) {
            for (ProfileSource source : sources) {
                progress.now("compiling " + source.origin());
                compiled.add(compiler.compile(source));
            }
        }
        List<LoadOutcome> outcomes = new ArrayList<>(loader.load(compiled, compiler, false, takeOver));
        outcomes.addAll(loader.sweepMarked());
        PrintWriter err = spec.commandLine().getErr();
        compiled.stream()
                .flatMap(source -> source.warnings().stream())
                .forEach(warning -> err.println(Lines.one("warning: " + warning)));
        err.flush();
        return Outcomes.print(outcomes, spec);
    }
}
