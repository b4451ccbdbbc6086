package io.plumbline.attribution;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeSnapshot;
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
import java.util.stream.Stream;

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
                        Optional.of(inside.identity().containerId()),
                        Optional.empty());
                processes.forEach(process -> strangers.add(outside.apply(process, conflict)));
            }
        });
        return strangers;
    }

    AttributedContainer finish(NodeSnapshot snapshot, PodTree tree) {
        List<ProcessSnapshot> processes = new ArrayList<>(byDirectory.getOrDefault(ownDirectory(), List.of()));
        processes.sort(Comparator.comparing(ProcessSnapshot::key));
        Optional<ProcessSnapshot> first = first(processes);
        boolean started = isStarted(processes);
        Set<Integer> pids = processes.stream().map(ProcessSnapshot::pid).collect(Collectors.toUnmodifiableSet());
        Attribution attribution = inside.declaration() instanceof Declaration.OfSandbox
                ? new Attribution.OfSandbox(inside.identity())
                : new Attribution.OfContainer(inside.identity());
        List<AttributedProcess> attributed = processes.stream()
                .map(process -> new AttributedProcess(
                        process,
                        attribution,
                        tree.viaExec(process, pids, first),
                        Settling.isSettled(process, snapshot, started)))
                .toList();
        return new AttributedContainer(
                inside.identity(),
                inside.declaration(),
                inside.granted(),
                attributed,
                attributed.stream()
                        .filter(process -> first.isPresent()
                                && process.process().key().equals(first.get().key()))
                        .findFirst());
    }

    /** What the runtime was told; else the shortest path, because an imitation lies below something. */
    private String ownDirectory() {
        Optional<String> told = inside.granted().observed().flatMap(BundleCgroup::pathOf);
        return byDirectory.keySet().stream()
                .min(Comparator.comparing((String directory) ->
                                told.filter(directory::equals).isEmpty())
                        .thenComparing(CgroupPlace::isInUserSlice)
                        .thenComparing(String::length)
                        .thenComparing(Comparator.naturalOrder()))
                .orElse("");
    }

    boolean isSandbox() {
        return inside.declaration() instanceof Declaration.OfSandbox
                || inside.granted().observed().filter(Known::isSandbox).isPresent();
    }

    Stream<Integer> pids() {
        return byDirectory.getOrDefault(ownDirectory(), List.of()).stream().map(ProcessSnapshot::pid);
    }

    /** The kubelet says that it runs, or something other than the runtime's own program is in it. */
    private boolean isStarted(List<ProcessSnapshot> processes) {
        boolean running = inside.declaration() instanceof Declaration.OfSpec spec
                && spec.container()
                        .status()
                        .map(DeclaredContainer.Status::state)
                        .filter("running"::equals)
                        .isPresent();
        return running || processes.stream().anyMatch(process -> !Settling.isRuntime(process));
    }

    /**
     * The process that the runtime started: the one that it wrote down; else pid 1 of the container's own pid namespace, not of one that
     * was made in the container; else the oldest.
     *
     * @param processes oldest first
     */
    private Optional<ProcessSnapshot> first(List<ProcessSnapshot> processes) {
        Optional<Integer> written = inside.granted().observed().flatMap(OciBundle::initPid);
        return processes.stream()
                .filter(process -> written.isPresent() && process.pid() == written.get())
                .findFirst()
                .or(() -> hasOwnPids()
                        ? processes.stream().filter(Member::isInit).min(Comparator.comparing(Member::depth))
                        : Optional.empty())
                .or(() -> processes.stream().findFirst());
    }

    private boolean hasOwnPids() {
        if (inside.declaration() instanceof Declaration.OfSpec spec) {
            return !spec.pod().hostPid()
                    && !spec.pod().shareProcessNamespace()
                    && spec.container().kind() != DeclaredContainer.Kind.EPHEMERAL;
        }
        if (inside.declaration() instanceof Declaration.OfSandbox sandbox) {
            return !sandbox.pod().hostPid();
        }
        return inside.granted()
                .observed()
                .map(bundle -> "".equals(bundle.namespaces().get(NamespaceType.PID)))
                .orElse(true);
    }

    private static boolean isInit(ProcessSnapshot process) {
        return process.nsPids()
                .observed()
                .filter(pids -> pids.size() > 1 && pids.get(pids.size() - 1) == 1)
                .isPresent();
    }

    private static int depth(ProcessSnapshot process) {
        return process.nsPids().observed().map(List::size).orElse(Integer.MAX_VALUE);
    }
}
