package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredContainer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What violates a rule, collected into one message: what is wrong, in which places, and the way out. */
final class Offences {

    private final Map<String, List<String>> places = new LinkedHashMap<>();

    /** Wrong in the pod's own part of the spec. */
    void inPod(String what) {
        in("the pod", what);
    }

    void in(DeclaredContainer container, String what) {
        String word = switch (container.kind()) {
            case INIT, SIDECAR -> "init container ";
            case CONTAINER -> "container ";
            case EPHEMERAL -> "ephemeral container ";
        };
        in(word + quoted(container.name()), what);
    }

    /** Wrong by itself, in no place that has to be named. */
    void plain(String what) {
        places.computeIfAbsent(what, none -> new ArrayList<>());
    }

    private void in(String place, String what) {
        places.computeIfAbsent(what, none -> new ArrayList<>()).add(place);
    }

    /**
     * One message; empty where nothing was wrong.
     *
     * @param wayOut a sentence without its full stop
     */
    Optional<String> message(String wayOut) {
        if (places.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(places.entrySet().stream()
                        .map(entry -> entry.getValue().isEmpty()
                                ? entry.getKey()
                                : entry.getKey() + " in " + all(entry.getValue()))
                        .collect(Collectors.joining("; "))
                + ". " + wayOut + ".");
    }

    static String quoted(String value) {
        return '"' + value + '"';
    }

    /** The values in quotes, each once, sorted. */
    static String quoted(Collection<String> values) {
        return new TreeSet<>(values).stream().map(Offences::quoted).collect(Collectors.joining(", "));
    }

    private static String all(List<String> things) {
        int last = things.size() - 1;
        return last == 0 ? things.get(0) : String.join(", ", things.subList(0, last)) + " and " + things.get(last);
    }
}
