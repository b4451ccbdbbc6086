package io.plumbline;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: its first word chooses the command. */
@Command(
        name = "plumbline",
        mixinStandardHelpOptions = true,
        versionProvider = AgentMain.Version.class,
        description = "Says where what the kernel enforces on a container differs from what was declared.")
public final class AgentMain implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before run()
    private CommandSpec spec;

    private AgentMain() {}

    /** Ends the JVM with 0, or with 2 when the words cannot be understood. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new AgentMain()).execute(args));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    /** The version that the build wrote into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = AgentMain.class.getPackage().getImplementationVersion();
            return new String[] {"plumbline " + (version == null ? "(not run from its jar)" : version)};
        }
    }
}
