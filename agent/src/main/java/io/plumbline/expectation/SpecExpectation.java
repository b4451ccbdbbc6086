package io.plumbline.expectation;

import io.plumbline.model.AskedAppArmor;
import io.plumbline.model.AskedAppArmor.Source;
import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredContainer.LinuxUser;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.PodSecurity;
import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.Expected;
import io.plumbline.model.Expected.AppArmor;
import io.plumbline.model.Expected.Groups;
import io.plumbline.model.Expected.Masks;
import io.plumbline.model.Expected.Namespace;
import io.plumbline.model.Expected.Namespace.Scope;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What follows from the spec of a pod and of one of its containers. A container's own word stands over the pod's. */
final class SpecExpectation {

    private final NodeFacts facts;
    private final boolean seccompDefault;
    private final RuntimeDefaults defaults;
    private final DeclaredPod pod;
    private final DeclaredContainer container;
    private final ContainerSecurity own;
    private final PodSecurity pods;
    private final String runtime;
    private final Optional<OciBundle> granted;
    private final boolean privileged;

    SpecExpectation(
            NodeFacts facts,
            boolean seccompDefault,
            RuntimeDefaults defaults,
            Declaration.OfSpec spec,
            AttributedContainer attributed) {
        this.facts = facts;
        this.seccompDefault = seccompDefault;
        this.defaults = defaults;
        this.pod = spec.pod();
        this.container = spec.container();
        this.own = container.security();
        this.pods = pod.security();
        this.runtime = attributed.identity().runtime();
        this.granted = attributed.granted().observed();
        this.privileged = own.privileged().orElse(false);
    }

    Expected expected() {
        return new Expected(
                namespaces(pod, Optional.of(container)),
                capabilities(),
                user(),
                nonRoot(),
                groups(),
                noNewPrivileges(),
                seccomp(),
                appArmor(),
                own.seLinuxOptions()
                        .or(pods::seLinuxOptions)
                        .map(options -> Promise.of("seLinuxOptions", options))
                        .orElseGet(() -> Promise.none("no seLinuxOptions")),
                own.readOnlyRootFilesystem().orElse(false)
                        ? Promise.of("readOnlyRootFilesystem: true", true)
                        : Promise.none(own.readOnlyRootFilesystem()
                                .map(value -> "readOnlyRootFilesystem: false")
                                .orElse("readOnlyRootFilesystem unset")),
                masks());
    }

    static Map<NamespaceType, Namespace> namespaces(DeclaredPod pod, Optional<DeclaredContainer> container) {
        Map<NamespaceType, Namespace> namespaces = new EnumMap<>(NamespaceType.class);
        boolean ephemeral = container
                .filter(c -> c.kind() == DeclaredContainer.Kind.EPHEMERAL)
                .isPresent();
        String pid = pod.hostPid()
                ? "hostPID: true"
                : pod.shareProcessNamespace() ? "shareProcessNamespace: true" : "hostPID unset";
        namespaces.put(
                NamespaceType.PID,
                new Namespace(
                        pid,
                        pod.hostPid()
                                ? Scope.HOST
                                : pod.shareProcessNamespace() || ephemeral ? Scope.POD : Scope.CONTAINER));
        namespaces.put(
                NamespaceType.IPC,
                pod.hostIpc() ? new Namespace("hostIPC: true", Scope.HOST) : new Namespace("hostIPC unset", Scope.POD));
        Namespace network = pod.hostNetwork()
                ? new Namespace("hostNetwork: true", Scope.HOST)
                : new Namespace("hostNetwork unset", Scope.POD);
        namespaces.put(NamespaceType.NET, network);
        namespaces.put(NamespaceType.UTS, network);
        namespaces.put(NamespaceType.MNT, new Namespace("a container", Scope.CONTAINER));
        namespaces.put(
                NamespaceType.USER,
                pod.hostUsers().orElse(true)
                        ? new Namespace(pod.hostUsers().isPresent() ? "hostUsers: true" : "hostUsers unset", Scope.HOST)
                        : new Namespace("hostUsers: false", Scope.POD));
        return namespaces;
    }

    private Promise<CapabilitySet> capabilities() {
        if (privileged) {
            return facts.capabilityCeiling()
                    .observed()
                    .map(all -> Promise.of("privileged: true", all))
                    .orElseGet(() -> Promise.none("privileged: true"));
        }
        CapabilitySet start = defaults.capabilities(runtime);
        if (own.capabilities().isEmpty()) {
            return Promise.of("no capabilities stanza", start);
        }
        Capabilities stanza = own.capabilities().get();
        boolean addAll = hasAll(stanza.add());
        boolean dropAll = hasAll(stanza.drop());
        CapabilitySet all =
                facts.lastCapability().observed().map(CapabilitySet::upTo).orElseGet(() -> new CapabilitySet(-1L));
        CapabilitySet merged = dropAll ? CapabilitySet.NONE : addAll ? all : start;
        merged = merged.union(CapabilitySet.named(stanza.add())).minus(CapabilitySet.named(stanza.drop()));
        if (addAll) {
            // A runtime cannot give what it does not have itself.
            merged = merged.intersection(facts.capabilityCeiling().observed().orElse(all));
        }
        List<String> words = new ArrayList<>();
        if (!stanza.add().isEmpty()) {
            words.add("add " + String.join(", ", stanza.add()));
        }
        if (!stanza.drop().isEmpty()) {
            words.add("drop " + String.join(", ", stanza.drop()));
        }
        return Promise.of(words.isEmpty() ? "an empty capabilities stanza" : String.join("; ", words), merged);
    }

    private static boolean hasAll(List<String> names) {
        return names.stream().anyMatch(name -> name.equalsIgnoreCase("ALL") || name.equalsIgnoreCase("CAP_ALL"));
    }

    private Promise<Long> user() {
        return own.runAsUser()
                .or(pods::runAsUser)
                .map(uid -> Promise.of("runAsUser: " + uid, uid))
                .orElseGet(() -> Promise.none("runAsUser unset"));
    }

    private Promise<Boolean> nonRoot() {
        Optional<Boolean> said = own.runAsNonRoot().or(pods::runAsNonRoot);
        return said.orElse(false)
                ? Promise.of("runAsNonRoot: true", true)
                : Promise.none(said.isPresent() ? "runAsNonRoot: false" : "runAsNonRoot unset");
    }

    private Promise<Groups> groups() {
        Set<Long> declared = new HashSet<>(pods.supplementalGroups());
        pods.fsGroup().ifPresent(declared::add);
        Set<Long> allowed = new HashSet<>(declared);
        own.runAsGroup().or(pods::runAsGroup).ifPresent(allowed::add);
        container
                .status()
                .flatMap(DeclaredContainer.Status::user)
                .map(LinuxUser::gid)
                .ifPresent(allowed::add);
        granted.map(bundle -> bundle.user().gid()).ifPresent(allowed::add);
        boolean strict =
                pods.supplementalGroupsPolicy().filter("Strict"::equals).isPresent();
        List<String> words = new ArrayList<>();
        own.runAsGroup().or(pods::runAsGroup).ifPresent(gid -> words.add("runAsGroup: " + gid));
        pods.fsGroup().ifPresent(gid -> words.add("fsGroup: " + gid));
        if (!pods.supplementalGroups().isEmpty()) {
            words.add("supplementalGroups: " + pods.supplementalGroups());
        }
        if (strict) {
            words.add("supplementalGroupsPolicy: Strict");
        }
        return Promise.of(
                words.isEmpty() ? "no groups" : String.join(", ", words),
                new Groups(own.runAsGroup().or(pods::runAsGroup), declared, allowed, strict));
    }

    private Promise<Boolean> noNewPrivileges() {
        return own.allowPrivilegeEscalation().orElse(true)
                ? Promise.none(
                        own.allowPrivilegeEscalation().isPresent()
                                ? "allowPrivilegeEscalation: true"
                                : "allowPrivilegeEscalation unset")
                : Promise.of("allowPrivilegeEscalation: false", true);
    }

    private Promise<Boolean> seccomp() {
        if (privileged) {
            return Promise.none("privileged: true");
        }
        Optional<Profile> profile = own.seccompProfile().or(pods::seccompProfile);
        if (profile.isEmpty()) {
            return seccompDefault
                    ? Promise.of("seccompProfile unset, the kubelet's seccompDefault", true)
                    : Promise.none("seccompProfile unset");
        }
        String words = "seccompProfile: " + profile.get();
        return profile.get().type().equals("Unconfined") ? Promise.none(words) : Promise.of(words, true);
    }

    private Promise<AppArmor> appArmor() {
        Optional<AskedAppArmor> asked = AskedAppArmor.of(pod, container);
        String words = asked.map(AskedAppArmor::words).orElse("appArmorProfile unset");
        boolean annotated =
                asked.filter(one -> one.source() == Source.ANNOTATION).isPresent();
        if (asked.filter(AskedAppArmor::isUnconfined).isPresent()) {
            return Promise.none(words);
        }
        Optional<Profile> profile = asked.map(AskedAppArmor::profile);
        boolean localhost = profile.filter(p -> p.type().equals("Localhost")).isPresent();
        if (privileged && (!localhost || !runtime.equals("containerd"))) {
            return Promise.none("privileged: true"); // what is then without effect is said by inert-declaration
        }
        if (localhost) {
            Set<String> name =
                    profile.flatMap(Profile::localhostProfile).map(Set::of).orElse(Set.of());
            return name.isEmpty() ? Promise.none(words) : Promise.of(words, new AppArmor(name, true, annotated));
        }
        // Where nobody could tell, the labels do, or the verdict is open. What nobody asked for a runtime gives only
        // where it sees AppArmor.
        boolean off = facts.appArmor().equals(Reading.of(false)) || (profile.isEmpty() && !facts.showsAppArmor());
        Set<String> names = new HashSet<>();
        RuntimeDefaults.appArmorProfile(runtime).ifPresent(names::add);
        granted.flatMap(OciBundle::appArmorProfile)
                .filter(name -> !name.isEmpty() && !name.equals("unconfined"))
                .ifPresent(names::add);
        return !off && !names.isEmpty()
                ? Promise.of(words, new AppArmor(names, profile.isPresent(), annotated))
                : Promise.none(words);
    }

    private Promise<Masks> masks() {
        if (privileged) {
            return Promise.none("privileged: true");
        }
        if (own.procMount().filter("Unmasked"::equals).isPresent()) {
            return Promise.none("procMount: Unmasked");
        }
        return Promise.of(
                own.procMount().map(value -> "procMount: " + value).orElse("procMount unset"),
                // What the runtime was told beyond the defaults has to stay as well.
                new Masks(
                        RuntimeDefaults.union(
                                defaults.masked(),
                                granted.map(OciBundle::maskedPaths).orElse(List.of())),
                        RuntimeDefaults.union(
                                defaults.readOnly(),
                                RuntimeDefaults.union(
                                        granted.map(OciBundle::readOnlyKernelPaths)
                                                .orElse(List.of()),
                                        isSysReadOnly() ? List.of("/sys") : List.of()))));
    }

    /**
     * Every runtime mounts it so, unless a volume is there. In a user namespace that has the host's network none can mount it, and
     * each binds the node's in a way of its own.
     */
    private boolean isSysReadOnly() {
        boolean bound = pod.hostNetwork() && !pod.hostUsers().orElse(true);
        return !bound
                && container.volumeMounts().stream()
                        .noneMatch(mount -> mount.mountPath().matches("/+sys/*"));
    }
}
