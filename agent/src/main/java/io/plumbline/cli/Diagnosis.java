package io.plumbline.cli;

import io.plumbline.apparmor.ParserProgram;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.kernel.ProcessEvents;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What can be seen, loaded and enforced from here, one part after the other; of what cannot, what it takes. */
final class Diagnosis {

    private final List<Part> parts = new ArrayList<>();

    List<Part> parts() {
        return List.copyOf(parts);
    }

    /**
     * One part.
     *
     * @param detail what was found
     * @param remedy what it takes; empty where it is fine, or nothing can be done
     */
    record Part(String name, State state, String detail, String remedy) {}

    /** How a part is. */
    enum State {
        OK,
        /** It could be here, and is refused or broken. */
        MISSING,
        /** This machine has no such thing. */
        ABSENT
    }

    void processes(NodeSnapshot node) {
        List<ProcessSnapshot> own = node.processes().stream()
                .filter(process -> !process.kernelThread() && !process.isZombie())
                .toList();
        part(
                "processes",
                node.unreadable().isEmpty(),
                own.size() + " seen"
                        + node.unreadable().stream()
                                .findFirst()
                                .map(first -> "; not all: " + first.source() + ": " + first.why())
                                .orElse(""),
                "run as root on the node, or in a pod with hostPID: true and /proc not mounted with hidepid");
        String tracing = node.facts().reader().effective().contains(Capability.SYS_PTRACE)
                ? "SYS_PTRACE is held: a security module or a sandbox guards these, and what they hide stays undetermined"
                : capability("SYS_PTRACE");
        readable("credentials", own, ProcessSnapshot::credentials, "");
        readable(
                "namespaces",
                own,
                process -> process.namespaces().inodes().values().stream()
                        .filter(inode -> inode instanceof Reading.Unreadable<Long>)
                        .findFirst()
                        .orElse(Reading.of(0L)),
                tracing);
        readable("programs", own, ProcessSnapshot::executable, tracing);
        readable("mounts", own, ProcessSnapshot::mounts, tracing);
    }

    private void readable(
            String name, List<ProcessSnapshot> all, Function<ProcessSnapshot, Reading<?>> what, String remedy) {
        List<Reading<?>> refused = new ArrayList<>();
        for (ProcessSnapshot process : all) {
            Reading<?> reading = what.apply(process);
            if (reading instanceof Reading.Unreadable<?>) {
                refused.add(reading);
            }
        }
        part(
                name,
                refused.isEmpty(),
                (all.size() - refused.size()) + " of " + all.size() + " readable"
                        + refused.stream()
                                .findFirst()
                                .flatMap(Reading::trouble)
                                .map(first -> "; " + first)
                                .orElse(""),
                remedy);
    }

    private static String capability(String name) {
        return "run as root, or add to the container: securityContext: {capabilities: {add: [" + name + "]}}";
    }

    void library(NodeFacts facts) {
        String backend = facts.reader().backend();
        part(
                "native library",
                facts.reader().way().equals("native"),
                backend,
                "build with gcc and make; without it reading takes longer, and the kernel's events are not heard");
    }

    /** @param facts of a second look: the first has nothing to compare with */
    void iterator(NodeFacts facts) {
        part(
                "task iterator",
                facts.reader().way().equals("iterator"),
                facts.reader().backend(),
                "it takes Linux 5.8 or newer with BTF, hostPID: true, and BPF and PERFMON or SYS_ADMIN in the container's"
                        + " securityContext: {capabilities: {add: [...]}}; without it every scan reads all of /proc");
    }

    void capabilities(NodeFacts facts) {
        CapabilitySet held = facts.reader().effective();
        List<String> missing = new ArrayList<>();
        for (Capability one : List.of(
                Capability.SYS_PTRACE,
                Capability.DAC_READ_SEARCH,
                Capability.SYS_ADMIN,
                Capability.NET_ADMIN,
                Capability.MAC_ADMIN)) {
            if (!held.contains(one)) {
                missing.add(one.name());
            }
        }
        part(
                "capabilities",
                missing.isEmpty(),
                missing.isEmpty() ? "all that are of use are held" : "not held: " + String.join(", ", missing),
                "SYS_PTRACE and DAC_READ_SEARCH to see everything, SYS_ADMIN and NET_ADMIN for the kernel's events,"
                        + " MAC_ADMIN to load AppArmor profiles: securityContext: {capabilities: {add: "
                        + missing + "}}");
    }

    void events(ProcRoot root, NodeReader kernel) {
        if (!kernel.isLive()) {
            parts.add(new Part("process events", State.ABSENT, "a captured tree has none", ""));
            return;
        }
        try {
            ProcessEvents.of(root).close();
            ok("process events", "the kernel tells of processes: drift is seen within a second");
        } catch (IOException e) {
            missing("process events", String.valueOf(e.getMessage()), "until then changes are seen with the next scan");
        }
    }

    void appArmor(NodeFacts facts) {
        boolean on = facts.appArmor().observed().orElse(false);
        if (facts.appArmor() instanceof Reading.Unreadable<Boolean> unreadable) {
            missing(
                    "apparmor",
                    unreadable.source() + ": " + unreadable.why(),
                    "mount the node's /sys and /sys/kernel/security into the pod (hostPath), and name --host-root");
        } else if (!on) {
            parts.add(new Part("apparmor", State.ABSENT, "not enabled in this kernel", ""));
        } else {
            part(
                    "apparmor",
                    facts.appArmorProfiles() instanceof Reading.Observed<?>,
                    facts.appArmorProfiles()
                            .fold(
                                    profiles -> profiles.size() + " profiles loaded",
                                    absent -> absent.source() + ": not there",
                                    unreadable -> unreadable.source() + ": " + unreadable.why()),
                    "mount the node's /sys/kernel/security into the pod (hostPath), and " + capability("MAC_ADMIN"));
        }
        Optional<Path> parser = ParserProgram.usual();
        parts.add(
                parser.isPresent()
                        ? new Part("apparmor_parser", State.OK, String.valueOf(parser.get()), "")
                        : new Part(
                                "apparmor_parser",
                                on ? State.MISSING : State.ABSENT,
                                "not found",
                                on ? "apt-get install apparmor" : ""));
    }

    void bundles(Optional<RuntimeInventory> inventory) {
        if (inventory.isEmpty()) {
            parts.add(new Part("bundles", State.ABSENT, "the node's root is not at hand; --host-root names it", ""));
            return;
        }
        RuntimeInventory found = inventory.get();
        part(
                "bundles",
                found.unreadable().isEmpty(),
                found.bundles().size() + " containers' OCI bundles read"
                        + found.unreadable().stream()
                                .findFirst()
                                .map(first -> "; not " + first.source() + ": " + first.why())
                                .orElse(""),
                capability("DAC_READ_SEARCH"));
    }

    void ok(String name, String detail) {
        parts.add(new Part(name, State.OK, detail, ""));
    }

    void missing(String name, String detail, String remedy) {
        parts.add(new Part(name, State.MISSING, detail, remedy));
    }

    void absent(String name, String detail) {
        parts.add(new Part(name, State.ABSENT, detail, ""));
    }

    private void part(String name, boolean fine, String detail, String remedy) {
        parts.add(new Part(name, fine ? State.OK : State.MISSING, detail, fine ? "" : remedy));
    }
}
