package io.plumbline;

import io.plumbline.cli.CommandTree;

/** The program. */
public final class AgentMain {

    private AgentMain() {}

    /** Ends the JVM with the exit status of the command. */
    public static void main(String[] args) {
        System.exit(CommandTree.run(args));
    }
}
