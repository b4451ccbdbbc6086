package io.plumbline.attribution;

import io.plumbline.attribution.Known.PlacedBundle;
import io.plumbline.attribution.Known.PodContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.Attribution;
import io.plumbline.model.Attribution.HostKind;
import io.plumbline.model.Attribution.Reason;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.OciBundle;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where one process is: in which container, or outside and why. */
final class Placement {

    /** How long the kubelet may take to tell of a container that already runs. */
    static final Duration GRACE = Duration.ofSeconds(30);

    private final NodeFacts facts;
    private final boolean kubeletAsked;
    private final Known known;
    private final KubeletRoots roots;
    private final Cgroups cgroups;
    private final NodeSnapshot snapshot;
    private @Nullable Sandboxes sandboxes;
    private final Map<String, CgroupPlace> outsideByPath = new HashMap<>();

    /** Of cgroups whose processes are all in one container, whoever they are. */
    private final IdentityHashMap<CgroupMembership, Answer> answers = new IdentityHashMap<>();

    private final Map<String, Optional<PlacedBundle>> bundleByPath = new HashMap<>();

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

    /**
     * @param cgroups of all processes of the snapshot
     * @param roots where those have pods
     */
    Placement(NodeSnapshot snapshot, boolean kubeletAsked, Known known, Cgroups cgroups, KubeletRoots roots) {
        this.snapshot = snapshot;
        this.facts = snapshot.facts();
        this.kubeletAsked = kubeletAsked;
        this.known = known;
        this.cgroups = cgroups;
        this.roots = roots;
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
        Answer known = answers.get(membership);
        return known == null ? found(process, membership) : known;
    }

    private Answer found(ProcessSnapshot process, CgroupMembership membership) {
        Optional<CgroupPlace> found = Optional.empty();
        boolean imitated = false;
        for (CgroupPlace place : cgroups.places(membership)) {
            if (place.podUid().isEmpty()) {
                continue;
            }
            if (roots.isContainersOwn(place)) {
                imitated = true;
                continue;
            }
            if (!roots.isTrue(place)) {
                return conflict(place, place.directory() + " is not where the kubelet's pods are");
            }
            if (found.isPresent() && !same(found.get(), place)) {
                return contradiction(found.get(), place.directory());
            }
            found = Optional.of(found.orElse(place));
        }
        if (found.isPresent() && imitated) {
            return contradiction(found.get(), "another container's cgroup");
        }
        return found.isPresent() ? inPod(process, membership, found.get()) : outsidePods(process, membership);
    }

    private static boolean same(CgroupPlace one, CgroupPlace other) {
        return one.podUid().equals(other.podUid()) && one.containerId().equals(other.containerId());
    }

    private Answer conflict(CgroupPlace place, String detail) {
        return unattributed(Reason.CONFLICT, detail, place.podUid(), Optional.empty());
    }

    private Answer contradiction(CgroupPlace one, String other) {
        return unattributed(Reason.CONTRADICTION, one.directory() + " and " + other, one.podUid(), one.containerId());
    }

    private Answer inPod(ProcessSnapshot process, CgroupMembership membership, CgroupPlace place) {
        if (place.kind() == CgroupPlace.Kind.MONITOR) {
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
            return byBundle(id, place.directory(), place.podUid(), bundle);
        }
        Optional<DeclaredPod> pod = known.pod(place.podUid().orElse(""));
        if (pod.isEmpty()) {
            return unattributed(Reason.UNKNOWN_POD, place.directory(), place.podUid(), place.containerId());
        }
        Optional<PodContainer> container = known.container(id);
        if (container.isPresent()) {
            Answer answer = container.get().pod().equals(pod.get())
                    ? inSpec(id, place.directory(), container.get(), bundle)
                    : unattributed(
                            Reason.CONFLICT,
                            "container " + id + " is of another pod",
                            place.podUid(),
                            place.containerId());
            answers.put(membership, answer);
            return answer;
        }
        if (Sandboxes.told(bundle).orElseGet(() -> sandboxes().isSandbox(process, place))) {
            return new Inside(
                    id,
                    place.directory(),
                    identity(pod.get(), Optional.empty(), id, bundle),
                    new Declaration.OfSandbox(pod.get()),
                    bundle);
        }
        return byRuntimesWord(process, pod.get(), bundle)
                .map(found -> inSpec(id, place.directory(), new PodContainer(pod.get(), found), bundle))
                .orElseGet(() ->
                        unattributed(Reason.UNKNOWN_CONTAINER, place.directory(), place.podUid(), place.containerId()));
    }

    private static Answer inSpec(String id, String directory, PodContainer declared, Reading<OciBundle> bundle) {
        return new Inside(
                id,
                directory,
                identity(declared.pod(), Optional.of(declared.container().name()), id, bundle),
                new Declaration.OfSpec(declared.pod(), declared.container()),
                bundle);
    }

    /** The kubelet's status lags, or a static pod has none: the runtime's own annotations name the container. */
    private Optional<DeclaredContainer> byRuntimesWord(
            ProcessSnapshot process, DeclaredPod pod, Reading<OciBundle> bundle) {
        Optional<String> name = bundle.observed()
                .filter(b -> Known.annotation(b, Known.POD_UID)
                        .filter(uid -> !pod.cgroupUids().contains(uid))
                        .isEmpty())
                .flatMap(b -> Known.annotation(b, Known.CONTAINER));
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

    private Answer outsidePods(ProcessSnapshot process, CgroupMembership membership) {
        for (CgroupMembership.Line line : membership.lines()) {
            CgroupPlace place =
                    outsideByPath.computeIfAbsent(line.path(), path -> CgroupPlace.outsidePods(path, facts.nodeBase()));
            Optional<PlacedBundle> placed = bundleByPath
                    .computeIfAbsent(line.path(), path -> known.bundleAt(CgroupPlace.below(path, facts.nodeBase())))
                    .filter(found -> found.byPath()
                            || place.containerId().isEmpty()
                            || found.directory().length() <= place.directory().length());
            if (placed.isPresent()) {
                OciBundle bundle = placed.get().bundle();
                String directory = placed.get().directory();
                // Only the runtime's own word places a pod's container outside of the kubelet's cgroups.
                Optional<PodContainer> declared =
                        placed.get().byPath() ? known.container(bundle.id()) : Optional.empty();
                if (declared.isPresent()) {
                    return inSpec(bundle.id(), directory, declared.get(), Reading.of(bundle));
                }
                return placed.get().byPath()
                        ? sandboxOfPod(bundle, directory)
                                .orElseGet(() -> byBundle(bundle.id(), directory, Optional.empty(), Reading.of(bundle)))
                        : byBundle(bundle.id(), directory, Optional.empty(), Reading.of(bundle));
            }
            if (place.containerId().isPresent()) {
                String id = place.containerId().get();
                Optional<PodContainer> declared =
                        place.kind() == CgroupPlace.Kind.SIBLING ? known.container(id) : Optional.empty();
                return declared.isPresent()
                        ? inSpec(id, place.directory(), declared.get(), bundle(id))
                        : byBundle(id, place.directory(), Optional.empty(), bundle(id));
            }
        }
        if (isBesideReader(membership)) {
            return host(HostKind.AGENT);
        }
        return isShim(process)
                ? host(HostKind.SHIM)
                : host(Settling.isRuntime(process) ? HostKind.RUNTIME : HostKind.PROCESS);
    }

    /** A kubelet without cgroups of its own (cgroupsPerQOS: false): the runtime says that it is a sandbox, and of which pod. */
    private Optional<Answer> sandboxOfPod(OciBundle bundle, String directory) {
        return kubeletAsked && Known.isSandbox(bundle)
                ? Known.annotation(bundle, Known.POD_UID)
                        .flatMap(known::pod)
                        .map(pod -> new Inside(
                                bundle.id(),
                                directory,
                                identity(pod, Optional.empty(), bundle.id(), Reading.of(bundle)),
                                new Declaration.OfSandbox(pod),
                                Reading.of(bundle)))
                : Optional.empty();
    }

    /** In the container that the reader itself is in: a reader with a cgroup namespace of its own sees everyone else above itself. */
    private boolean isBesideReader(CgroupMembership membership) {
        return facts.nodeBase().startsWith("/..")
                && membership.lines().stream().noneMatch(line -> line.path().startsWith("/.."));
    }

    private Answer byBundle(String id, String directory, Optional<String> podUid, Reading<OciBundle> bundle) {
        return bundle.fold(
                found -> new Inside(id, directory, identity(found, podUid), new Declaration.OfBundle(found), bundle),
                absent -> nobody(id, directory, podUid, bundle),
                unreadable -> nobody(id, directory, podUid, bundle));
    }

    private static Answer nobody(String id, String directory, Optional<String> podUid, Reading<OciBundle> bundle) {
        return new Inside(id, directory, Attributor.nameless(podUid, id, ""), new Declaration.OfNobody(), bundle);
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

    /** A bundle may name any pod. Where a kubelet was asked its answer has the pods, and this container is in none of them. */
    private ContainerIdentity identity(OciBundle bundle, Optional<String> podUid) {
        if (kubeletAsked) {
            return new ContainerIdentity(
                    bundle.runtimeNamespace(),
                    "",
                    "",
                    bundle.name().or(() -> Optional.of(bundle.id())),
                    bundle.id(),
                    bundle.runtime());
        }
        Optional<String> pod = Known.annotation(bundle, Known.POD);
        Optional<String> name = Known.isSandbox(bundle)
                ? Optional.empty()
                : Known.annotation(bundle, Known.CONTAINER).or(bundle::name).or(() -> Optional.of(bundle.id()));
        return new ContainerIdentity(
                Known.annotation(bundle, Known.NAMESPACE).orElse(bundle.runtimeNamespace()),
                pod.orElse(""),
                Known.annotation(bundle, Known.POD_UID).or(() -> podUid).orElse(""),
                name,
                bundle.id(),
                bundle.runtime());
    }

    private Reading<OciBundle> bundle(String id) {
        return known.bundle(id).map(Reading::of).orElseGet(() -> new Reading.Absent<>("bundle of container " + id));
    }

    /** Of all pods, if anybody asks: nobody does where the runtimes say it. */
    private Sandboxes sandboxes() {
        Sandboxes all = sandboxes;
        if (all == null) {
            all = new Sandboxes(snapshot, cgroups::places, known);
            sandboxes = all;
        }
        return all;
    }

    /** The program between a runtime and its container. Asked only of processes that are in no container. */
    private static boolean isShim(ProcessSnapshot process) {
        String name = Settling.program(process);
        return name.startsWith("containerd-shim") || name.equals("conmon") || name.equals("conmonrs");
    }

    private static Answer host(HostKind kind) {
        return new Outside(new Attribution.OfHost(kind));
    }

    private Answer unattributed(Reason reason, String detail, Optional<String> podUid, Optional<String> containerId) {
        return new Outside(
                new Attribution.Unattributed(reason, detail, podUid, containerId, podUid.flatMap(known::pod)));
    }
}
