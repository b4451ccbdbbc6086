package io.plumbline.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What {@link RealContainers} shows of drift, once more inside the guest machine, where cgroup version 2 is the only one, each container
 * has a cgroup namespace, and AppArmor is in force. A program without a test engine, of which emulation would take a minute; what it saw
 * is one JSON object, of the name of each case with what was wrong, or nothing.
 */
final class DriftInGuest {
    static final String AS_DECLARED = "nothing is found in ";
    static final String GRANTED = "granted by the runtime: ";
    static final String NOTHING_ELSE = "nothing else is found";

    private final Node node;
    private final Map<String, String> seen = new LinkedHashMap<>();

    private DriftInGuest(Node node) {
        this.node = node;
    }

    /** The pods that are as declared, and into some of which drift comes. */
    static List<Pod> pods() {
        return DriftAfterStart.pods().stream().map(Settings.Setting::pod).toList();
    }

    static List<Scenario> scenarios() {
        return Stream.concat(DriftAfterStart.scenarios().stream(), DriftBetweenPods.scenarios().stream())
                .toList();
    }

    /** Takes the name of the file to write. */
    public static void main(String[] arguments) throws IOException {
        var drift = new DriftInGuest(Node.with("runc"));
        drift.look();
        Files.writeString(Path.of(arguments[0]), new ObjectMapper().writeValueAsString(drift.seen));
        // The machine is thrown away: nothing is taken back.
        Runtime.getRuntime().halt(0);
    }

    private void look() {
        List<Running> asDeclared = pods().stream().map(node::run).toList();
        step("pods run");
        new Proc(asDeclared.get(asDeclared.size() - 1).main().pid()).awaitSettled();
        Scan before = node.scan();
        step("scanned");
        for (Running running : asDeclared) {
            saw(AS_DECLARED + running.pod().name(), () -> {
                List<Finding> found = before.drift(running.pod());
                if (!found.isEmpty()) {
                    throw new AssertionError(found);
                }
            });
        }
        Map<Scenario, List<Expected>> injected = new LinkedHashMap<>();
        for (Scenario scenario : scenarios()) {
            saw(scenario.title(), () -> injected.put(scenario, scenario.inject(node)));
        }
        step("drift is in");
        List<Expected> granted = DriftFromTheRuntime.start(node);
        List<Expected> all = new ArrayList<>(granted);
        injected.values().forEach(all::addAll);
        all.forEach(each -> each.pids().forEach(pid -> new Proc(pid).awaitSettled()));
        step("and settled");
        Scan after = node.scan();
        step("scanned");
        injected.forEach((scenario, expected) -> saw(scenario.title(), () -> {
            expected.forEach(each -> each.in(after));
            if (expected.isEmpty()
                    && !after.drift(node.byName().get(scenario.pod()).pod()).isEmpty()) {
                throw new AssertionError(
                        after.drift(node.byName().get(scenario.pod()).pod()));
            }
        }));
        granted.forEach(each -> saw(GRANTED + each.check(), () -> each.in(after)));
        saw(NOTHING_ELSE, () -> {
            List<Finding> others = node.pods().stream()
                    .flatMap(running -> after.drift(running.pod()).stream())
                    .filter(finding -> all.stream().noneMatch(each -> each.isAbout(finding)))
                    .toList();
            if (!others.isEmpty()) {
                throw new AssertionError(others);
            }
        });
    }

    /** Of one case that has several parts, what went wrong first. */
    private void saw(String name, Runnable part) {
        if (!seen.getOrDefault(name, "").isEmpty()) {
            return;
        }
        try {
            part.run();
            seen.put(name, "");
        } catch (RuntimeException | AssertionError e) {
            seen.put(name, e.toString());
        }
    }

    /** With the machine's time, as the scripts of the guest say it. */
    private static void step(String what) {
        try {
            String uptime = Files.readString(Path.of("/proc/uptime"));
            System.out.println(uptime.substring(0, uptime.indexOf(' ')) + " " + what);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
