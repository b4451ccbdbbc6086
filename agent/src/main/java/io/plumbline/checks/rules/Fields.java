package io.plumbline.checks.rules;

import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Credentials;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Expected;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** All names that rules may use, in the order in which the page on rules has them. */
final class Fields {

    private static final String SPEC = "the pod's spec";

    private Fields() {}

    static List<Field> all() {
        List<Field> all = new ArrayList<>();
        all.addAll(ofNode());
        all.addAll(ofPod());
        all.addAll(ofContainer());
        all.addAll(granted());
        all.addAll(ofProcess());
        return List.copyOf(all);
    }

    private static List<Field> ofNode() {
        return List.of(
                new Field(
                        "node.kernel",
                        FieldType.STRING,
                        "the kernel's release",
                        subject -> Reading.of(subject.node().facts().kernelRelease())),
                new Field(
                        "node.appArmor",
                        FieldType.BOOL,
                        "AppArmor is enforced by this kernel",
                        subject -> subject.node().facts().appArmor()),
                new Field(
                        "node.seLinux",
                        FieldType.BOOL,
                        "SELinux labels processes here",
                        subject -> subject.node().facts().seLinux()));
    }

    private static List<Field> ofPod() {
        return List.of(
                pod("pod.namespace", FieldType.STRING, "its namespace", pod -> Optional.of(pod.namespace())),
                pod("pod.name", FieldType.STRING, "its name", pod -> Optional.of(pod.name())),
                pod(
                        "pod.workload",
                        FieldType.STRING,
                        "the Deployment, DaemonSet, ... that it is of, else its own name",
                        pod -> Optional.of(pod.workload())),
                pod("pod.labels", FieldType.LABELS, "its labels", pod -> Optional.of(pod.labels())),
                pod(
                        "pod.serviceAccount",
                        FieldType.STRING,
                        "its service account",
                        pod -> Optional.of(pod.serviceAccountName().orElse("default"))),
                pod("pod.hostNetwork", FieldType.BOOL, "declared", pod -> Optional.of(pod.hostNetwork())),
                pod("pod.hostPID", FieldType.BOOL, "declared", pod -> Optional.of(pod.hostPid())),
                pod("pod.hostIPC", FieldType.BOOL, "declared", pod -> Optional.of(pod.hostIpc())));
    }

    private static Field pod(String name, FieldType type, String meaning, Function<DeclaredPod, Optional<?>> read) {
        return new Field(
                name, type, meaning, subject -> known(subject.container().pod().flatMap(read::apply)));
    }

    private static List<Field> ofContainer() {
        return List.of(
                container("container.name", FieldType.STRING, "its name", spec -> Optional.of(spec.name())),
                container(
                        "container.image",
                        FieldType.STRING,
                        "as the spec writes it",
                        spec -> Optional.of(spec.image())),
                container(
                        "container.kind",
                        FieldType.STRING,
                        "`container`, `init`, `sidecar` or `ephemeral`",
                        spec -> Optional.of(spec.kind().name().toLowerCase(Locale.ROOT))),
                container(
                        "container.privileged",
                        FieldType.BOOL,
                        "declared",
                        spec -> Optional.of(security(spec).privileged().orElse(false))),
                expected(
                        "container.expected.capabilities",
                        FieldType.STRINGS,
                        "what follows from the spec and the runtime's defaults, without `CAP_`",
                        Expected::capabilities,
                        CapabilitySet::names),
                expected(
                        "container.expected.user",
                        FieldType.INT,
                        "the declared `runAsUser`",
                        Expected::user,
                        user -> user),
                expected(
                        "container.expected.nonRoot",
                        FieldType.BOOL,
                        "no uid 0 is promised",
                        Expected::nonRoot,
                        promised -> promised),
                expected(
                        "container.expected.noNewPrivileges",
                        FieldType.BOOL,
                        "`allowPrivilegeEscalation: false` is promised",
                        Expected::noNewPrivileges,
                        promised -> promised),
                expected(
                        "container.expected.seccomp",
                        FieldType.BOOL,
                        "a seccomp filter is promised",
                        Expected::seccompFilter,
                        promised -> promised),
                expected(
                        "container.expected.readOnlyRoot",
                        FieldType.BOOL,
                        "a read-only root is promised",
                        Expected::readOnlyRoot,
                        promised -> promised));
    }

    /** What the runtime was told to make, where its bundle was found. */
    private static List<Field> granted() {
        return List.of(
                granted(
                        "container.granted.runtime",
                        FieldType.STRING,
                        "whose bundle it is: `containerd`, `cri-o`, `docker`, `podman`, `runc`, `crun`",
                        bundle -> Optional.of(bundle.runtime())),
                granted(
                        "container.granted.capabilities",
                        FieldType.STRINGS,
                        "`process.capabilities.bounding`, without `CAP_`",
                        bundle -> Optional.of(bundle.capabilities().bounding().names())),
                granted(
                        "container.granted.user",
                        FieldType.INT,
                        "`process.user.uid`, inside of the container",
                        bundle -> Optional.of(bundle.user().uid())),
                granted(
                        "container.granted.noNewPrivileges",
                        FieldType.BOOL,
                        "`process.noNewPrivileges`",
                        bundle -> Optional.of(bundle.noNewPrivileges())),
                granted(
                        "container.granted.seccomp",
                        FieldType.BOOL,
                        "`linux.seccomp` is there",
                        bundle -> Optional.of(bundle.seccomp())),
                granted(
                        "container.granted.appArmor",
                        FieldType.STRING,
                        "`process.apparmorProfile`, absent where nothing was asked for",
                        OciBundle::appArmorProfile),
                granted(
                        "container.granted.readOnlyRoot",
                        FieldType.BOOL,
                        "`root.readonly`",
                        bundle -> Optional.of(bundle.readOnlyRoot())));
    }

    private static Field granted(String name, FieldType type, String meaning, Function<OciBundle, Optional<?>> read) {
        return new Field(name, type, meaning, subject -> {
            Reading<OciBundle> bundle = subject.container().granted();
            Optional<OciBundle> known = bundle.observed();
            if (known.isEmpty()) {
                return bundle;
            }
            return read.apply(known.get())
                    .<Reading<?>>map(Reading::of)
                    .orElseGet(() -> new Reading.Absent<>(known.get().source()));
        });
    }

    private static ContainerSecurity security(DeclaredContainer spec) {
        return spec.security();
    }

    private static Field container(
            String name, FieldType type, String meaning, Function<DeclaredContainer, Optional<?>> read) {
        return new Field(
                name,
                type,
                meaning,
                subject -> known(subject.container().container().flatMap(read::apply)));
    }

    private static Reading<?> known(Optional<?> value) {
        return value.<Reading<?>>map(Reading::of).orElseGet(() -> new Reading.Absent<>(SPEC));
    }

    /** Where nothing is promised a flag is false, and anything else is not there. */
    private static <T> Field expected(
            String name,
            FieldType type,
            String meaning,
            Function<Expected, Promise<T>> promise,
            Function<T, Object> value) {
        return new Field(name, type, meaning, subject -> {
            Promise<T> promised = promise.apply(subject.container().expected());
            if (promised.value().isPresent()) {
                return Reading.of(value.apply(promised.value().get()));
            }
            return type == FieldType.BOOL ? Reading.of(false) : new Reading.Absent<>(promised.declared());
        });
    }

    private static List<Field> ofProcess() {
        return List.of(
                process(
                        "process.command",
                        FieldType.STRING,
                        "the first word of its command line",
                        task -> Reading.of(task.process().process().commandLine().arguments().stream()
                                .findFirst()
                                .orElse(""))),
                process(
                        "process.executable",
                        FieldType.STRING,
                        "`/proc/<pid>/exe`",
                        task -> task.process().process().executable()),
                process(
                        "process.viaExec",
                        FieldType.BOOL,
                        "it came by exec (kubectl exec, a probe)",
                        task -> Reading.of(task.process().viaExec())),
                status(
                        "process.realUid",
                        FieldType.INT,
                        "first of `Uid:`",
                        task -> task.uids().real()),
                status(
                        "process.effectiveUid",
                        FieldType.INT,
                        "second of `Uid:`",
                        task -> task.uids().effective()),
                status(
                        "process.savedUid",
                        FieldType.INT,
                        "third of `Uid:`",
                        task -> task.uids().saved()),
                status(
                        "process.fileSystemUid",
                        FieldType.INT,
                        "fourth of `Uid:`",
                        task -> task.uids().fileSystem()),
                status(
                        "process.effectiveGid",
                        FieldType.INT,
                        "second of `Gid:`",
                        task -> task.gids().effective()),
                status("process.groups", FieldType.INTS, "`Groups:`", Credentials::groups),
                status(
                        "process.capabilities.bounding",
                        FieldType.STRINGS,
                        "`CapBnd:`, without `CAP_`",
                        task -> task.bounding().names()),
                status(
                        "process.capabilities.permitted",
                        FieldType.STRINGS,
                        "`CapPrm:`",
                        task -> task.permitted().names()),
                status(
                        "process.capabilities.effective",
                        FieldType.STRINGS,
                        "`CapEff:`",
                        task -> task.effective().names()),
                status(
                        "process.capabilities.inheritable",
                        FieldType.STRINGS,
                        "`CapInh:`",
                        task -> task.inheritable().names()),
                status(
                        "process.capabilities.ambient",
                        FieldType.STRINGS,
                        "`CapAmb:`",
                        task -> task.ambient().names()),
                process(
                        "process.noNewPrivileges",
                        FieldType.BOOL,
                        "`NoNewPrivs:`",
                        task -> present(task, Credentials::noNewPrivileges)),
                process(
                        "process.seccomp",
                        FieldType.INT,
                        "`Seccomp:` 0 off, 1 strict, 2 filter",
                        task -> present(
                                task, credentials -> credentials.seccompMode().map(Integer::longValue))),
                process(
                        "process.appArmor",
                        FieldType.STRING,
                        "`/proc/<pid>/attr/apparmor/current`, with the mode",
                        task -> task.process().process().label()),
                new Field(
                        "process.hostNamespaces",
                        FieldType.STRINGS,
                        "which of `net`, `pid`, `ipc`, `uts`, `mnt`, `user` are the host's",
                        Fields::hostNamespaces),
                process(
                        "process.rootReadOnly",
                        FieldType.BOOL,
                        "the mount at `/` is read-only",
                        task -> task.process().process().mounts().map(Fields::isRootReadOnly)));
    }

    private static Field process(String name, FieldType type, String meaning, Function<Subject.Task, Reading<?>> read) {
        return new Field(
                name,
                type,
                meaning,
                subject -> subject.task().<Reading<?>>map(read).orElseGet(() -> new Reading.Absent<>(name)));
    }

    private static Field status(String name, FieldType type, String meaning, Function<Credentials, Object> read) {
        return process(name, type, meaning, task -> task.credentials().map(read));
    }

    /** What older kernels do not show is absent. */
    private static Reading<?> present(Subject.Task task, Function<Credentials, Optional<?>> read) {
        Reading<Optional<?>> reading = task.credentials().map(read);
        Optional<Optional<?>> seen = reading.observed();
        if (seen.isEmpty()) {
            return reading;
        }
        return seen.get().<Reading<?>>map(Reading::of).orElseGet(() -> new Reading.Absent<>(task.source()));
    }

    private static Reading<?> hostNamespaces(Subject subject) {
        if (subject.task().isEmpty()) {
            return new Reading.Absent<>("process.hostNamespaces");
        }
        List<String> hosts = new ArrayList<>();
        for (NamespaceType type : List.of(
                NamespaceType.NET,
                NamespaceType.PID,
                NamespaceType.IPC,
                NamespaceType.UTS,
                NamespaceType.MNT,
                NamespaceType.USER)) {
            Reading<Long> own = subject.task().get().namespaces().inode(type);
            Reading<Long> host = subject.node().facts().hostNamespace(type);
            if (own.observed().isEmpty()) {
                return own;
            }
            if (host.observed().isEmpty()) {
                return host;
            }
            if (own.observed().equals(host.observed())) {
                hosts.add(type.link());
            }
        }
        return Reading.of(hosts);
    }

    private static boolean isRootReadOnly(MountTable table) {
        return !table.roots().isEmpty() && table.roots().stream().allMatch(Mount::isReadOnly);
    }
}
