package io.plumbline;

import io.plumbline.model.CapabilitySet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import io.plumbline.model.OciBundle.BundleMount;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An OCI bundle for tests: as long as nothing else is said what containerd's CRI plugin writes for a container that asks for nothing. */
public final class Bundles {

    private final String id;
    private final Map<String, String> annotations = new HashMap<>();
    private final Map<NamespaceType, String> namespaces = new EnumMap<>(NamespaceType.class);
    private String runtime = "containerd";
    private String runtimeNamespace = "k8s.io";
    private String source;
    private Optional<String> name = Optional.empty();
    private CapabilitySet capabilities = Processes.DEFAULT_CAPABILITIES;
    private OciBundle.User user = new OciBundle.User(0, 0, List.of());
    private boolean noNewPrivileges;
    private boolean seccomp = true;
    private Optional<String> appArmor = Optional.of("cri-containerd.apparmor.d");
    private Optional<String> seLinux = Optional.empty();
    private boolean readOnlyRoot;
    private List<String> masked = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/firmware");
    private List<String> readOnly = List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
    private boolean uidMapped;
    private List<BundleMount> mounts = List.of();
    private Optional<String> cgroupsPath = Optional.empty();
    private Optional<Integer> initPid = Optional.empty();
    private boolean personal;

    private Bundles(String id) {
        this.id = id;
        this.source = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/" + id + "/config.json";
        for (NamespaceType type : List.of(
                NamespaceType.PID, NamespaceType.MNT, NamespaceType.IPC, NamespaceType.UTS, NamespaceType.NET)) {
            namespaces.put(type, "");
        }
    }

    /** The bundle of a container of a pod, with the runtime's annotations. */
    public static Bundles of(String pod, String container) {
        return of(Pods.containerId(pod, container))
                .annotation("io.kubernetes.cri.container-type", "container")
                .annotation("io.kubernetes.cri.container-name", container)
                .annotation("io.kubernetes.cri.sandbox-name", pod)
                .annotation("io.kubernetes.cri.sandbox-namespace", "shop")
                .annotation("io.kubernetes.cri.sandbox-uid", Pods.uid(pod))
                .cgroup("/kubepods/burstable/pod" + Pods.uid(pod) + "/" + Pods.containerId(pod, container));
    }

    public static Bundles sandbox(String pod) {
        return of(pod, "sandbox").annotation("io.kubernetes.cri.container-type", "sandbox");
    }

    /** The bundle of a container outside of Kubernetes. */
    public static Bundles of(String id) {
        return new Bundles(id);
    }

    public Bundles annotation(String key, String value) {
        annotations.put(key, value);
        return this;
    }

    public Bundles runtime(String word, String namespace) {
        runtime = word;
        runtimeNamespace = namespace;
        return this;
    }

    public Bundles source(String file) {
        source = file;
        return this;
    }

    public Bundles name(String text) {
        name = Optional.of(text);
        return this;
    }

    public Bundles capabilities(CapabilitySet set) {
        capabilities = set;
        return this;
    }

    public Bundles user(long uid, long gid, Long... groups) {
        user = new OciBundle.User(uid, gid, Arrays.asList(groups));
        return this;
    }

    public Bundles noNewPrivileges() {
        noNewPrivileges = true;
        return this;
    }

    public Bundles withoutSeccomp() {
        seccomp = false;
        return this;
    }

    public Bundles appArmor(String profile) {
        appArmor = Optional.of(profile).filter(text -> !text.isEmpty());
        return this;
    }

    public Bundles seLinux(String label) {
        seLinux = Optional.of(label);
        return this;
    }

    public Bundles readOnlyRoot() {
        readOnlyRoot = true;
        return this;
    }

    public Bundles masks(List<String> maskedPaths, List<String> readOnlyPaths) {
        masked = maskedPaths;
        readOnly = readOnlyPaths;
        return this;
    }

    /** Makes this namespace new (empty text), or joins the path. */
    public Bundles namespace(NamespaceType type, String path) {
        namespaces.put(type, path);
        return this;
    }

    /** Leaves these namespaces the host's. */
    public Bundles host(NamespaceType... types) {
        Arrays.asList(types).forEach(namespaces::remove);
        return this;
    }

    public Bundles uidMapped() {
        uidMapped = true;
        return namespace(NamespaceType.USER, "");
    }

    public Bundles mounts(BundleMount... all) {
        mounts = List.of(all);
        return this;
    }

    public Bundles cgroup(String path) {
        cgroupsPath = Optional.of(path);
        return this;
    }

    public Bundles initPid(int pid) {
        initPid = Optional.of(pid);
        return this;
    }

    /** A user keeps it, in a directory of his own. */
    public Bundles personal() {
        personal = true;
        return this;
    }

    public OciBundle bundle() {
        return new OciBundle(
                id,
                runtime,
                runtimeNamespace,
                source,
                name,
                annotations,
                new OciBundle.Capabilities(
                        capabilities, capabilities, capabilities, CapabilitySet.NONE, CapabilitySet.NONE),
                user,
                noNewPrivileges,
                seccomp,
                appArmor,
                seLinux,
                readOnlyRoot,
                masked,
                readOnly,
                namespaces,
                uidMapped,
                mounts,
                cgroupsPath,
                initPid,
                personal);
    }
}
