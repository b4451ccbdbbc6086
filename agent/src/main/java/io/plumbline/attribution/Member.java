package io.plumbline.attribution;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.OciBundle;
import io.plumbline.model.ProcessSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/** The processes of one container while they are gathered. */
final class Member {

    private final Placement.Inside inside;
    private final Map<String, List<ProcessSnapshot>> byDirectory = new LinkedHashMap<>();

    Member(Placement.Inside inside) {
        this.inside = inside;
    }

    void add(ProcessSnapshot process, String directory) {
        byDirectory.computeIfAbsent(directory, key -> new ArrayList<>()).add(process);
    }

    /**
     * A container has one cgroup. Who sits elsewhere in a directory with its name, below another container for example, only
     * imitates it.
     */
    List<AttributedProcess> strangers(BiFunction<ProcessSnapshot, Attribution, AttributedProcess> outside) {
        String own = ownDirectory();
        List<AttributedProcess> strangers = new ArrayList<>();
        byDirectory.forEach((directory, processes) -> {
            if (!directory.equals(own)) {
                Attribution conflict = new Attribution.Unattributed(
                        Attribution.Reason.CONFLICT,
                        directory + " imitates " + own,
                        Optional.of(inside.identity().podUid()),
                        Optional.of(inside.identity().containerId()));
                processes.forEach(process -> strangers.add(outside.apply(process, conflict)));
            }
        });
        return strangers;
    }

    AttributedContainer finish(NodeFacts facts, PodTree tree) {
        List<ProcessSnapshot> processes = new ArrayList<>(byDirectory.getOrDefault(ownDirectory(), List.of()));
        processes.sort(Comparator.comparing(ProcessSnapshot::key));
        Optional<ProcessSnapshot> first = first(processes);
        Set<Integer> pids = processes.stream().map(ProcessSnapshot::pid).collect(Collectors.toUnmodifiableSet());
        Attribution attribution = inside.declaration() instanceof Declaration.OfSandbox
                ? new Attribution.OfSandbox(inside.identity())
                : new Attribution.OfContainer(inside.identity());
        List<AttributedProcess> attributed = processes.stream()
                .map(process -> new AttributedProcess(
                        process,
                        attribution,
                        tree.viaExec(process, pids, first),
                        Settling.isSettled(process, facts, isRunning())))
                .toList();
        return new AttributedContainer(
                inside.identity(),
                inside.declaration(),
                inside.granted(),
                attributed,
                attributed.stream()
                        .filter(process ->
                                first.isPresent() && process.process().equals(first.get()))
                        .findFirst());
    }

    /** The shortest path: an imitation lies below something. */
    private String ownDirectory() {
        return byDirectory.keySet().stream()
                .min(Comparator.comparing(String::length).thenComparing(Comparator.naturalOrder()))
                .orElse("");
    }

    private boolean isRunning() {
        return inside.declaration() instanceof Declaration.OfSpec spec
                && spec.container()
                        .status()
                        .map(DeclaredContainer.Status::state)
                        .filter("running"::equals)
                        .isPresent();
    }

    /**
     * The process that the runtime started: the one that it wrote down; else pid 1 of a pid namespace of its own; else the oldest.
     */
    private Optional<ProcessSnapshot> first(List<ProcessSnapshot> processes) {
        Optional<Integer> written = inside.granted().observed().flatMap(OciBundle::initPid);
        return processes.stream()
                .filter(process -> written.isPresent() && process.pid() == written.get())
                .findFirst()
                .or(() -> processes.stream()
                        .filter(process -> process.nsPids()
                                .observed()
                                .filter(pids -> pids.size() > 1 && pids.get(pids.size() - 1) == 1)
                                .isPresent())
                        .findFirst())
                .or(() -> processes.stream().findFirst());
    }
}
