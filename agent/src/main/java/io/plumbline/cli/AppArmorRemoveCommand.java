package io.plumbline.cli;

import io.plumbline.apparmor.LoadOutcome;
import io.plumbline.apparmor.PolicyLoader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Removes profiles that were loaded from here. */
@Command(
        name = "remove",
        description = "Removes profiles that were loaded from here and confine no process.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "A profile that confines a process stays, because the kernel would leave that",
            "process unconfined. It is marked, and removed by the next load or remove, or by",
            "plumbline serve, once nothing uses it.",
            "Exit status: 0 all are removed, 1 some are not, 2 could not do its work."
        })
public final class AppArmorRemoveCommand implements Callable<Integer> {

    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            description = "Names of profiles; without any, those that are marked.")
    private List<String> names = List.of();

    @Option(names = "--all", description = "Remove everything that was loaded from here.")
    private boolean all;

    @Mixin
    private AppArmorArguments policy = new AppArmorArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        policy.requireAppArmor();
        PolicyLoader loader = policy.loader();
        LinkedHashSet<String> asked = new LinkedHashSet<>(names);
        if (all) {
            asked.addAll(loader.loadedFromHere());
        }
        List<LoadOutcome> outcomes = new ArrayList<>();
        if (!asked.isEmpty()) {
            outcomes.addAll(loader.remove(asked));
        }
        loader.sweepMarked().stream()
                .filter(outcome -> !asked.contains(outcome.subject()))
                .forEach(outcomes::add);
        return Outcomes.print(outcomes, spec);
    }
}
