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
                DoctorPart.PROCESSES,
                node.unreadable().isEmpty(),
                own.size() + " seen"
                        + node.unreadable().stream()
                                .findFirst()
                                .map(first -> "; not all: " + first.source() + ": " + first.why())
                                .orElse(""),
                DoctorPart.PROCESSES.remedy());
        boolean held = node.facts().reader().effective().contains(Capability.SYS_PTRACE);
        readable(DoctorPart.CREDENTIALS, own, ProcessSnapshot::credentials, held);
        readable(
                DoctorPart.NAMESPACES,
                own,
                process -> process.namespaces().inodes().stream()
                        .filter(inode -> inode instanceof Reading.Unreadable<Long>)
                        .findFirst()
                        .orElse(Reading.of(0L)),
                held);
        readable(DoctorPart.PROGRAMS, own, ProcessSnapshot::executable, held);
        readable(DoctorPart.MOUNTS, own, ProcessSnapshot::mounts, held);
    }

    private void readable(
            DoctorPart part, List<ProcessSnapshot> all, Function<ProcessSnapshot, Reading<?>> what, boolean mayTrace) {
        List<Reading<?>> refused = new ArrayList<>();
        for (ProcessSnapshot process : all) {
            Reading<?> reading = what.apply(process);
            if (reading instanceof Reading.Unreadable<?>) {
                refused.add(reading);
            }
        }
        part(
                part,
                refused.isEmpty(),
                (all.size() - refused.size()) + " of " + all.size() + " readable"
                        + refused.stream()
                                .findFirst()
                                .flatMap(Reading::trouble)
                                .map(first -> "; " + first)
                                .orElse(""),
                mayTrace ? part.otherRemedy() : part.remedy());
    }

    void library(NodeFacts facts) {
        String backend = facts.reader().backend();
        part(DoctorPart.LIBRARY, facts.reader().way().equals("native"), backend, DoctorPart.LIBRARY.remedy());
    }

    /** @param facts of a second look: the first has nothing to compare with */
    void iterator(NodeFacts facts) {
        part(
                DoctorPart.ITERATOR,
                facts.reader().way().equals("iterator"),
                facts.reader().backend(),
                DoctorPart.ITERATOR.remedy());
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
                DoctorPart.CAPABILITIES,
                missing.isEmpty(),
                missing.isEmpty() ? "all that are of use are held" : "not held: " + String.join(", ", missing),
                DoctorPart.CAPABILITIES.remedy().formatted(missing));
    }

    void events(ProcRoot root, NodeReader kernel) {
        if (!kernel.isLive()) {
            absent(DoctorPart.EVENTS, "a captured tree has none");
            return;
        }
        try (ProcessEvents events = ProcessEvents.of(root, true)) {
            ok(
                    DoctorPart.EVENTS,
                    "drift is seen within a second, because the kernel tells of processes by the " + events.backend());
        } catch (IOException e) {
            missing(DoctorPart.EVENTS, String.valueOf(e.getMessage()), DoctorPart.EVENTS.remedy());
        }
    }

    void appArmor(NodeFacts facts) {
        boolean on = facts.appArmor().observed().orElse(false);
        if (facts.appArmor() instanceof Reading.Unreadable<Boolean> unreadable) {
            missing(
                    DoctorPart.APPARMOR,
                    unreadable.source() + ": " + unreadable.why(),
                    DoctorPart.APPARMOR.otherRemedy());
        } else if (!on) {
            absent(DoctorPart.APPARMOR, "not enabled in this kernel");
        } else {
            part(
                    DoctorPart.APPARMOR,
                    facts.appArmorProfiles() instanceof Reading.Observed<?>,
                    facts.appArmorProfiles()
                            .fold(
                                    profiles -> profiles.size() + " profiles loaded",
                                    absent -> absent.source() + ": not there",
                                    unreadable -> unreadable.source() + ": " + unreadable.why()),
                    DoctorPart.APPARMOR.remedy());
        }
        Optional<Path> parser = ParserProgram.usual();
        if (parser.isPresent()) {
            ok(DoctorPart.PARSER, String.valueOf(parser.get()));
        } else if (on) {
            missing(DoctorPart.PARSER, "not found", DoctorPart.PARSER.remedy());
        } else {
            absent(DoctorPart.PARSER, "not found");
        }
    }

    void bundles(Optional<RuntimeInventory> inventory) {
        if (inventory.isEmpty()) {
            absent(DoctorPart.BUNDLES, "the node's root is not at hand; --host-root names it");
            return;
        }
        RuntimeInventory found = inventory.get();
        part(
                DoctorPart.BUNDLES,
                found.unreadable().isEmpty(),
                found.bundles().size() + " containers' OCI bundles read"
                        + found.unreadable().stream()
                                .findFirst()
                                .map(first -> "; not " + first.source() + ": " + first.why())
                                .orElse(""),
                DoctorPart.BUNDLES.remedy());
    }

    void ok(DoctorPart part, String detail) {
        parts.add(new Part(part.word(), State.OK, detail, ""));
    }

    void missing(DoctorPart part, String detail, String remedy) {
        parts.add(new Part(part.word(), State.MISSING, detail, remedy));
    }

    void absent(DoctorPart part, String detail) {
        parts.add(new Part(part.word(), State.ABSENT, detail, ""));
    }

    private void part(DoctorPart part, boolean fine, String detail, String remedy) {
        parts.add(new Part(part.word(), fine ? State.OK : State.MISSING, detail, fine ? "" : remedy));
    }
}
