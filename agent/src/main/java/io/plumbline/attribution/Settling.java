package io.plumbline.attribution;

import io.plumbline.model.ExecutableOrigin;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.Occasion;
import io.plumbline.model.ProcessSnapshot;
import java.time.Duration;
import java.util.Set;

/**
 * Does what is read of a process already hold? While runc or crun set a container up, their own process is in its cgroup, with
 * full rights and the host's label: legitimate, and over at the exec.
 */
final class Settling {

    private static final Duration YOUNG = Duration.ofSeconds(2);

    /** Longest that a runtime's own program is believed to be setting something up in a container that already runs. */
    private static final Duration SETTING_UP = Duration.ofSeconds(60);

    /** A runtime that runs from a detached bind mount of its own file: no directory can be executed, so it is nothing else. */
    private static final String DETACHED = "/";

    private static final Set<String> RUNTIMES = Set.of("runc", "crun", "runc-dmz", "youki", "runsc");

    private Settling() {}

    /**
     * @param started the container runs: then its runtime's program is not long in it, and a program that only calls itself runc is
     *     judged like any other
     */
    static boolean isSettled(ProcessSnapshot process, NodeSnapshot snapshot, boolean started) {
        var age = snapshot.facts().ageOf(process.key());
        boolean young = age.isPresent() && age.get().compareTo(YOUNG) < 0;
        if (young && !isWitnessed(process, snapshot)) {
            return false;
        }
        boolean old = age.isPresent() && age.get().compareTo(SETTING_UP) > 0;
        return !isRuntime(process) || (started && old);
    }

    /** From this age on {@link #isSettled} says the same of it, as long as the container does not start. */
    static Duration ageToSettle(ProcessSnapshot process) {
        return isRuntime(process) ? SETTING_UP : YOUNG;
    }

    /** Its last exec was seen: it is over. */
    private static boolean isWitnessed(ProcessSnapshot process, NodeSnapshot snapshot) {
        Occasion.Witness witness = snapshot.witnessed().get(process.pid());
        return witness != null && witness.settled();
    }

    /**
     * The runtime's own program. What a process calls itself counts only where the link to its file cannot be read, and a file of the
     * container's is not the runtime's, whatever its name.
     */
    static boolean isRuntime(ProcessSnapshot process) {
        return process.executable()
                .observed()
                .map(exe -> isRuntimesFile(exe, process))
                .orElseGet(() -> process.comm().startsWith("runc:[") || RUNTIMES.contains(process.comm()));
    }

    private static boolean isRuntimesFile(String exe, ProcessSnapshot process) {
        if (exe.startsWith("/memfd:runc_cloned") || exe.startsWith("/memfd:runc-dmz") || exe.equals(DETACHED)) {
            return true;
        }
        boolean containers = process.executableOrigin()
                .observed()
                .filter(origin ->
                        origin.kind() != ExecutableOrigin.Kind.MEMFD && origin.kind() != ExecutableOrigin.Kind.HOST)
                .isPresent();
        return RUNTIMES.contains(program(process)) && !containers;
    }

    /** The file name of the running program; where the link cannot be read, what it calls itself. */
    static String program(ProcessSnapshot process) {
        return process.executable()
                .observed()
                .map(exe -> exe.endsWith(" (deleted)") ? exe.substring(0, exe.length() - " (deleted)".length()) : exe)
                .map(exe -> exe.substring(exe.lastIndexOf('/') + 1))
                .orElse(process.comm());
    }
}
