package io.plumbline.checks.drift;

import io.plumbline.checks.SandboxedRuntimes;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.CgroupMembership.Line;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.SameObjects;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Processes of a pod that are in the cgroup of one of its containers, and not as the runtime puts them there: beside the first process
 * of the sandbox, of which no other check looks at privileges; or, under cgroup version 1, out of the container's cgroup with some
 * controllers, of which {@code devices} then lets them open every device, and {@code memory} take all there is.
 *
 * <p>As long as the containers of a pod are the same objects, so are the answers.
 */
final class Strays {

    private Map<String, OfPod> pods = Map.of();

    /**
     * Those of one container.
     *
     * @param words where they are
     * @param processes with the lines that show it
     */
    record OfContainer(ContainerView container, String words, Map<AttributedProcess, List<Line>> processes) {}

    private record OfPod(List<ContainerView> containers, List<OfContainer> found) {}

    List<OfContainer> of(List<ContainerView> containers) {
        Map<String, List<ContainerView>> byPod = new LinkedHashMap<>();
        for (ContainerView container : containers) {
            byPod.computeIfAbsent(container.identity().podUid(), uid -> new ArrayList<>())
                    .add(container);
        }
        Map<String, OfPod> now = new HashMap<>();
        List<OfContainer> all = new ArrayList<>();
        byPod.forEach((uid, ofPod) -> {
            OfPod known = pods.get(uid);
            OfPod one = known != null && SameObjects.areIn(known.containers(), ofPod)
                    ? known
                    : new OfPod(ofPod, find(ofPod));
            now.put(uid, one);
            all.addAll(one.found());
        });
        pods = now;
        return all;
    }

    private static List<OfContainer> find(List<ContainerView> ofPod) {
        List<OfContainer> all = new ArrayList<>();
        for (ContainerView container : ofPod) {
            if (container.pod().isEmpty()) {
                continue;
            }
            if (container.isSandbox() && container.processes().size() > 1) {
                besideThePause(container).ifPresent(all::add);
            }
            if (container.declaration() instanceof Declaration.OfSpec && isAnyOutside(container)) {
                outside(container, heldBy(ofPod)).ifPresent(all::add);
            }
        }
        return all;
    }

    private static Optional<OfContainer> besideThePause(ContainerView sandbox) {
        Map<AttributedProcess, List<Line>> processes = new LinkedHashMap<>();
        boolean ownKernel = sandbox.pod().flatMap(DeclaredPod::runtimeClassName).isPresent();
        sandbox.settled()
                .filter(process -> !sandbox.first().equals(Optional.of(process))
                        && !(ownKernel && SandboxedRuntimes.isProgram(process.process())))
                .forEach(process -> processes.put(
                        process,
                        lines(process).stream()
                                .filter(line -> isWithin(line, sandbox))
                                .limit(1)
                                .toList()));
        return processes.isEmpty()
                ? Optional.empty()
                : Optional.of(new OfContainer(sandbox, "in its cgroup beside its first process", processes));
    }

    /** Under version 1 a process that ends is at the root of every hierarchy, though not of version 2: that is no stray. */
    private static Optional<OfContainer> outside(ContainerView container, Set<Integer> held) {
        Map<AttributedProcess, List<Line>> processes = new LinkedHashMap<>();
        Set<String> controllers = new TreeSet<>();
        container.settled().forEach(process -> {
            List<Line> lines = lines(process).stream().filter(Strays::limits).toList();
            List<Line> outside = lines.stream()
                    .filter(line -> held.contains(line.hierarchy()) && !isWithin(line, container))
                    .toList();
            boolean ends = lines.stream().noneMatch(line -> isWithin(line, container));
            if (!outside.isEmpty() && !ends) {
                processes.put(process, outside);
                outside.forEach(line -> controllers.addAll(line.controllers()));
            }
        });
        return processes.isEmpty()
                ? Optional.empty()
                : Optional.of(new OfContainer(
                        container, "outside of its cgroup with " + String.join(", ", controllers), processes));
    }

    /** A hierarchy of version 1 with a controller: neither systemd's own nor, beside those, version 2 limits anything. */
    private static boolean limits(Line line) {
        return !line.controllers().isEmpty() && !line.controllers().get(0).startsWith("name=");
    }

    /** Those in one cgroup have one and the same membership, mostly: each is looked at once. */
    @SuppressWarnings("ReferenceEquality") // of the same list the answer is the same
    private static boolean isAnyOutside(ContainerView container) {
        List<Line> last = List.of();
        for (AttributedProcess process : container.processes()) {
            List<Line> lines = lines(process);
            if (lines != last && lines.stream().anyMatch(line -> limits(line) && !isWithin(line, container))) {
                return true;
            }
            last = lines;
        }
        return false;
    }

    /** The hierarchies in which somebody of a pod is in his container's cgroup: a runtime need not use all that there are. */
    private static Set<Integer> heldBy(List<ContainerView> ofPod) {
        Set<Integer> held = new HashSet<>();
        for (ContainerView container : ofPod) {
            for (AttributedProcess process : container.processes()) {
                for (Line line : lines(process)) {
                    if (isWithin(line, container)) {
                        held.add(line.hierarchy());
                    }
                }
            }
        }
        return held;
    }

    private static List<Line> lines(AttributedProcess process) {
        return process.process()
                .cgroup()
                .observed()
                .map(CgroupMembership::lines)
                .orElse(List.of());
    }

    /** A container's cgroup is called after its id, whatever stands before and behind it. */
    private static boolean isWithin(Line line, ContainerView container) {
        return line.path().contains(container.identity().containerId());
    }
}
