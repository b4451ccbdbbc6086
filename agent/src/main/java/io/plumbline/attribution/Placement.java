package io.plumbline.attribution;

import io.plumbline.attribution.Known.PodContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.Attribution.Reason;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.OciBundle;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where one process is: in which container, or outside and why. */
final class Placement {

    /** How long the kubelet may take to tell of a container that already runs. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private final NodeFacts facts;
    private final boolean kubeletAsked;
    private final Known known;
    private final Map<String, Set<String>> networkNamespacesByPod = new HashMap<>();
    private final Map<String, CgroupPlace> placeByPath = new HashMap<>();
    private final Map<String, Optional<OciBundle>> bundleByPath = new HashMap<>();

    /** In a container, or not. */
    sealed interface Answer {}

    /**
     * @param key the same for all processes of one container
     * @param directory the container's cgroup as this process's lines name it
     */
    record Inside(
            String key,
            String directory,
            ContainerIdentity identity,
            Declaration declaration,
            Reading<OciBundle> granted)
            implements Answer {}

    record Outside(Attribution attribution) implements Answer {}

    Placement(NodeSnapshot snapshot, Optional<DeclaredNode> declared, Known known) {
        this.facts = snapshot.facts();
        this.kubeletAsked = declared.isPresent();
        this.known = known;
        for (ProcessSnapshot process : snapshot.processes()) {
            place(process)
                    .flatMap(CgroupPlace::podUid)
                    .ifPresent(uid -> process.namespaces()
                            .inode(NamespaceType.NET)
                            .observed()
                            .ifPresent(inode -> networkNamespacesByPod
                                    .computeIfAbsent(uid, key -> new LinkedHashSet<>())
                                    .add(inode + "/"
                                            + place(process)
                                                    .flatMap(CgroupPlace::containerId)
                                                    .orElse(""))));
        }
    }

    Answer of(ProcessSnapshot process) {
        if (process.kernelThread()) {
            return host(HostKind.KERNEL_THREAD);
        }
        if (process.isZombie()) {
            return host(HostKind.ZOMBIE);
        }
        if (process.pid() == facts.reader().pid()) {
            return host(HostKind.AGENT);
        }
        return process.cgroup()
                .fold(
                        membership -> within(process, membership),
                        absent -> unattributed(
                                Reason.UNREADABLE, absent.source() + ": absent", Optional.empty(), Optional.empty()),
                        unreadable -> unattributed(
                                Reason.UNREADABLE,
                                unreadable.source() + ": " + unreadable.why(),
                                Optional.empty(),
                                Optional.empty()));
    }

    private Answer within(ProcessSnapshot process, CgroupMembership membership) {
        Optional<CgroupPlace> found = Optional.empty();
        for (CgroupMembership.Line line : membership.lines()) {
            CgroupPlace place = place(line);
            if (place.podUid().isEmpty()) {
                continue;
            }
            if (found.isPresent() && !same(found.get(), place)) {
                return unattributed(
                        Reason.CONFLICT,
                        found.get().directory() + " and " + place.directory(),
                        found.get().podUid(),
                        Optional.empty());
            }
            found = Optional.of(found.orElse(place));
        }
        return found.isPresent() ? inPod(process, found.get()) : outsidePods(process, membership);
    }

    private static boolean same(CgroupPlace one, CgroupPlace other) {
        return one.podUid().equals(other.podUid()) && one.containerId().equals(other.containerId());
    }

    private Answer inPod(ProcessSnapshot process, CgroupPlace place) {
        if (place.monitor()) {
            return host(HostKind.SHIM);
        }
        if (place.containerId().isEmpty()) {
            return isShim(process)
                    ? host(HostKind.SHIM)
                    : unattributed(Reason.NO_CONTAINER, place.directory(), place.podUid(), Optional.empty());
        }
        String id = place.containerId().get();
        Reading<OciBundle> bundle = bundle(id);
        if (!kubeletAsked) {
            return byBundle(id, place, bundle);
        }
        Optional<DeclaredPod> pod = known.pod(place.podUid().orElse(""));
        if (pod.isEmpty()) {
            return unattributed(Reason.UNKNOWN_POD, place.directory(), place.podUid(), place.containerId());
        }
        Optional<PodContainer> container = known.container(id);
        if (container.isPresent()) {
            return container.get().pod().equals(pod.get())
                    ? inSpec(id, place, pod.get(), container.get().container(), bundle)
                    : unattributed(
                            Reason.CONFLICT,
                            "container " + id + " is of another pod",
                            place.podUid(),
                            place.containerId());
        }
        if (isSandbox(process, place, bundle)) {
            return new Inside(
                    id,
                    place.directory(),
                    identity(pod.get(), Optional.empty(), id, bundle),
                    new Declaration.OfSandbox(pod.get()),
                    bundle);
        }
        return byRuntimesWord(process, pod.get(), bundle)
                .map(found -> inSpec(id, place, pod.get(), found, bundle))
                .orElseGet(() ->
                        unattributed(Reason.UNKNOWN_CONTAINER, place.directory(), place.podUid(), place.containerId()));
    }

    private Answer inSpec(
            String id, CgroupPlace place, DeclaredPod pod, DeclaredContainer container, Reading<OciBundle> bundle) {
        return new Inside(
                id,
                place.directory(),
                identity(pod, Optional.of(container.name()), id, bundle),
                new Declaration.OfSpec(pod, container),
                bundle);
    }

    /** The kubelet's status lags, or a static pod has none: the runtime's own annotations name the container. */
    private Optional<DeclaredContainer> byRuntimesWord(
            ProcessSnapshot process, DeclaredPod pod, Reading<OciBundle> bundle) {
        Optional<String> name = bundle.observed().flatMap(b -> Known.annotation(b, Known.CONTAINER));
        boolean young = facts.ageOf(process.key())
                .filter(age -> age.compareTo(GRACE) < 0)
                .isPresent();
        return pod.containers().stream()
                .filter(container -> name.isPresent() && container.name().equals(name.get()))
                .filter(container -> young
                        || container
                                .status()
                                .flatMap(DeclaredContainer.Status::containerId)
                                .isEmpty()
                        || container
                                .status()
                                .filter(status -> status.state().equals("running"))
                                .isEmpty())
                .findFirst();
    }

    private boolean isSandbox(ProcessSnapshot process, CgroupPlace place, Reading<OciBundle> bundle) {
        if (bundle.observed().isPresent()) {
            return bundle.observed().filter(Known::isSandbox).isPresent();
        }
        // Without the runtime's word: a program called pause, in the network namespace that the pod's containers are
        // in.
        boolean pause = process.comm().equals("pause")
                && process.executable()
                        .observed()
                        .map(exe -> exe.endsWith("/pause"))
                        .orElse(true);
        Set<String> networks =
                networkNamespacesByPod.getOrDefault(place.podUid().orElse(""), Set.of());
        String own = process.namespaces()
                .inode(NamespaceType.NET)
                .observed()
                .map(String::valueOf)
                .orElse("?");
        boolean alone = networks.stream()
                .allMatch(text -> text.endsWith("/" + place.containerId().orElse("")));
        boolean shared = networks.stream()
                .anyMatch(text -> text.startsWith(own + "/")
                        && !text.endsWith("/" + place.containerId().orElse("")));
        return pause && (alone || shared || own.equals("?"));
    }

    private Answer outsidePods(ProcessSnapshot process, CgroupMembership membership) {
        for (CgroupMembership.Line line : membership.lines()) {
            CgroupPlace place = place(line);
            Optional<OciBundle> bundle = bundleByPath.computeIfAbsent(line.path(), known::bundleAt);
            if (bundle.isPresent()) {
                Reading<OciBundle> granted = Reading.of(bundle.get());
                Optional<PodContainer> declared = known.container(bundle.get().id());
                return declared.isPresent()
                        ? inSpec(
                                bundle.get().id(),
                                place,
                                declared.get().pod(),
                                declared.get().container(),
                                granted)
                        : byBundle(bundle.get().id(), place, granted);
            }
            if (place.containerId().isPresent()) {
                String id = place.containerId().get();
                Optional<PodContainer> declared = known.container(id);
                if (line.path().startsWith("/../") && declared.isPresent()) {
                    return inSpec(
                            id, place, declared.get().pod(), declared.get().container(), bundle(id));
                }
                return byBundle(id, place, bundle(id));
            }
        }
        return isShim(process)
                ? host(HostKind.SHIM)
                : host(Settling.isRuntime(process) ? HostKind.RUNTIME : HostKind.PROCESS);
    }

    private static Answer byBundle(String id, CgroupPlace place, Reading<OciBundle> bundle) {
        return bundle.fold(
                found -> new Inside(
                        id, place.directory(), identity(found, place), new Declaration.OfBundle(found), bundle),
                absent -> nobody(id, place, bundle),
                unreadable -> nobody(id, place, bundle));
    }

    private static Answer nobody(String id, CgroupPlace place, Reading<OciBundle> bundle) {
        return new Inside(
                id, place.directory(), Attributor.nameless(place.podUid(), id, ""), new Declaration.OfNobody(), bundle);
    }

    private static ContainerIdentity identity(
            DeclaredPod pod, Optional<String> container, String id, Reading<OciBundle> bundle) {
        String runtime = pod.containers().stream()
                .flatMap(c -> c.status().flatMap(DeclaredContainer.Status::runtime).stream())
                .findFirst()
                .or(() -> bundle.observed().map(OciBundle::runtime))
                .orElse("");
        return new ContainerIdentity(pod.namespace(), pod.name(), pod.uid(), container, id, runtime);
    }

    private static ContainerIdentity identity(OciBundle bundle, CgroupPlace place) {
        Optional<String> pod = Known.annotation(bundle, Known.POD);
        Optional<String> name = Known.isSandbox(bundle)
                ? Optional.empty()
                : Known.annotation(bundle, Known.CONTAINER).or(bundle::name).or(() -> Optional.of(bundle.id()));
        return new ContainerIdentity(
                Known.annotation(bundle, Known.NAMESPACE).orElse(bundle.runtimeNamespace()),
                pod.orElse(""),
                Known.annotation(bundle, Known.POD_UID).or(place::podUid).orElse(""),
                name,
                bundle.id(),
                bundle.runtime());
    }

    private Reading<OciBundle> bundle(String id) {
        return known.bundle(id).map(Reading::of).orElseGet(() -> new Reading.Absent<>("bundle of container " + id));
    }

    /** Many processes, few paths. */
    private CgroupPlace place(CgroupMembership.Line line) {
        return placeByPath.computeIfAbsent(line.path(), path -> CgroupPlace.of(path, facts.nodeBase()));
    }

    private Optional<CgroupPlace> place(ProcessSnapshot process) {
        List<CgroupMembership.Line> lines =
                process.cgroup().observed().map(CgroupMembership::lines).orElse(List.of());
        return lines.stream()
                .map(this::place)
                .filter(place -> place.podUid().isPresent())
                .findFirst();
    }

    /** The program between a runtime and its container. Asked only of processes that are in no container. */
    private static boolean isShim(ProcessSnapshot process) {
        String name = Settling.program(process);
        return name.startsWith("containerd-shim") || name.equals("conmon") || name.equals("conmonrs");
    }

    private static Answer host(HostKind kind) {
        return new Outside(new Attribution.OfHost(kind));
    }

    private static Answer unattributed(
            Reason reason, String detail, Optional<String> podUid, Optional<String> containerId) {
        return new Outside(new Attribution.Unattributed(reason, detail, podUid, containerId));
    }
}
