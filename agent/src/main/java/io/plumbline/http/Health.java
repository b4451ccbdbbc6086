package io.plumbline.http;

import io.plumbline.model.AgentState;
import io.plumbline.model.DeclaredNode;
import io.plumbline.report.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Is the agent alive, and can it really read and judge? In the form of the API server's own probes. */
final class Health {

    /** So many intervals without news are too many. */
    private static final int MISSED = 4;

    /** With scans in quick succession a moment without one is none. */
    private static final Duration ALWAYS_FRESH = Duration.ofSeconds(5);

    /** After the pause between scans. A node under pressure may take long for a scan; only one that never ends is a reason to start again. */
    private static final Duration STUCK = Duration.ofMinutes(10);

    private Health() {}

    /**
     * The loop still turns: what a restart could mend.
     *
     * @param now by {@link System#nanoTime}: a clock that is set forward is no reason to start again
     */
    static Answer alive(Optional<AgentState> state, long now) {
        Duration longest = state.map(AgentState::interval).orElse(Duration.ZERO).plus(STUCK);
        boolean stuck = state.map(AgentState::attempted)
                .map(when -> when.ageAt(now).compareTo(longest) > 0)
                .orElse(false);
        return stuck
                ? Answer.text(503, "no scan has ended for " + longest.toMinutes() + " minutes\n")
                : Answer.text(200, "ok\n");
    }

    /** Every part, whether asked for or because one is not ready. */
    static Answer ready(Optional<AgentState> state, boolean verbose, long now) {
        List<Part> parts = parts(state, now);
        boolean ready = parts.stream().allMatch(Part::ready);
        if (ready && !verbose) {
            return Answer.text(200, "ok\n");
        }
        StringBuilder text = new StringBuilder();
        for (Part part : parts) {
            text.append(part.ready() ? "[+]" : "[-]")
                    .append(part.name())
                    .append(' ')
                    .append(Printable.of(part.words()))
                    .append('\n');
        }
        text.append(ready ? "readyz check passed\n" : "readyz check failed\n");
        return Answer.text(ready ? 200 : 503, text.toString());
    }

    private static List<Part> parts(Optional<AgentState> state, long now) {
        List<Part> parts = new ArrayList<>();
        if (state.isEmpty()) {
            parts.add(new Part("scan", false, "the first one is under way"));
            return parts;
        }
        parts.add(scan(state.get(), now));
        parts.add(declared(state.get(), now));
        parts.add(memory(state.get()));
        parts.add(events(state.get().events()));
        parts.add(exceptions(state.get().written().exceptions()));
        parts.add(policies(state.get().written().policies()));
        return parts;
    }

    private static Part scan(AgentState state, long now) {
        String trouble = state.scanTrouble().map(why -> ": " + why).orElse("");
        if (state.last().isEmpty()) {
            return new Part("scan", false, "none has succeeded yet" + trouble);
        }
        Duration age = state.last().get().ended().ageAt(now);
        return new Part("scan", isFresh(age, state), "last one " + age.toSeconds() + " s ago" + trouble);
    }

    private static Part declared(AgentState state, long now) {
        if (!state.declared().asked()) {
            return new Part("kubelet", true, "is not to be asked: the runtimes' bundles are the declared side");
        }
        Optional<Duration> age = state.declared().answered().map(when -> when.ageAt(now));
        String trouble = state.declared().trouble().map(why -> ": " + why).orElse("");
        if (age.isEmpty()) {
            return new Part("kubelet", false, "has not answered yet" + trouble);
        }
        String words = "last answer " + age.get().toSeconds() + " s ago";
        return new Part("kubelet", isFresh(age.get(), state), words + (trouble.isEmpty() ? warnings(state) : trouble));
    }

    private static String warnings(AgentState state) {
        List<String> warnings = state.last()
                .flatMap(last -> last.report().declared())
                .map(DeclaredNode::warnings)
                .orElse(List.of());
        return warnings.isEmpty() ? "" : "; " + String.join("; ", warnings);
    }

    /** Without it findings are found all the same, so it is no reason to be called not ready. */
    private static Part memory(AgentState state) {
        String words = state.memory()
                .trouble()
                .map(why -> "is not kept: " + why)
                .orElse(state.memory()
                        .directory()
                        .map(where -> "is kept in " + where)
                        .orElse("is not kept"));
        return new Part("state", true, words);
    }

    /** A file that somebody wrote and that is not in force: alarms would ring that were to be silent, or the other way round. */
    private static Part exceptions(AgentState.Exceptions exceptions) {
        String words = exceptions
                .trouble()
                .map(why -> why + "; " + exceptions.rules() + " of the last good file are in force")
                .orElse(exceptions.file().isEmpty() ? "there are none" : exceptions.rules() + " are in force");
        return new Part("exceptions", exceptions.trouble().isEmpty(), words);
    }

    /** The same: findings would be there, or not, that were to be judged otherwise. */
    private static Part policies(AgentState.Policies policies) {
        String words = policies.trouble()
                .map(why -> why + "; the last good files are in force")
                .orElse(
                        policies.files().isEmpty()
                                ? "are the built-in ones"
                                : "in force: " + String.join(", ", policies.files()));
        return new Part("policies", policies.trouble().isEmpty(), words);
    }

    /** Without them the scans find the same, later. */
    private static Part events(AgentState.Events events) {
        String words = events.trouble()
                .map(why -> "are not heard, the scans alone see changes: " + why)
                .orElse(events.backend()
                        .map(how -> "of processes are heard, by the " + how
                                + (events.lost() > 0 ? "; " + events.lost() + " were lost" : ""))
                        .orElse("are not to be heard"));
        return new Part("events", true, words);
    }

    private static boolean isFresh(Duration age, AgentState state) {
        return age.compareTo(state.interval().multipliedBy(MISSED)) <= 0 || age.compareTo(ALWAYS_FRESH) <= 0;
    }

    private record Part(String name, boolean ready, String words) {}
}
