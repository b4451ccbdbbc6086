package io.plumbline.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything about AppArmor profiles. */
@Command(
        name = "apparmor",
        description = "Renders, checks, loads, lists and removes AppArmor profiles.",
        mixinStandardHelpOptions = true,
        subcommands = {
            AppArmorRenderCommand.class,
            AppArmorCheckCommand.class,
            AppArmorLoadCommand.class,
            AppArmorListCommand.class,
            AppArmorPromoteCommand.class,
            AppArmorRemoveCommand.class
        })
public final class AppArmorCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run()
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "no command given; try 'plumbline apparmor list', or 'plumbline apparmor --help'");
    }
}
