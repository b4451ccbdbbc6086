package io.plumbline.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The OCI configuration that containerd's CRI plugin writes for a pod's sandbox and containers, as bundles of a real
 * node have it (containerd 1.6, {@code pkg/cri/server/container_create_linux.go} and {@code sandbox_run_linux.go}).
 */
final class CriConfig {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String COMMON = """
            {
              "ociVersion": "1.0.2-dev",
              "process": {
                "user": {"uid": 0, "gid": 0, "additionalGids": [0]},
                "args": [],
                "env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
                "cwd": "/",
                "noNewPrivileges": false
              },
              "root": {"path": "rootfs"},
              "mounts": [
                {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs",
                  "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]},
                {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
                  "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]},
                {"destination": "/dev/mqueue", "type": "mqueue", "source": "mqueue",
                  "options": ["nosuid", "noexec", "nodev"]},
                {"destination": "/sys", "type": "sysfs", "source": "sysfs",
                  "options": ["nosuid", "noexec", "nodev", "ro"]},
                {"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
                  "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]}
              ],
              "annotations": {},
              "linux": {
                "resources": {"devices": [{"allow": false, "access": "rwm"}]},
                "namespaces": [],
                "maskedPaths": ["/proc/asound", "/proc/acpi", "/proc/interrupts", "/proc/kcore", "/proc/keys",
                  "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
                  "/sys/firmware", "/sys/devices/virtual/powercap"],
                "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
              }
            }
            """;

    /** Not the runtime's list of some 350 system calls: that there is a filter is all that the kernel shows of one. */
    private static final String SECCOMP = """
            {"defaultAction": "SCMP_ACT_ALLOW",
             "syscalls": [{"names": ["keyctl", "add_key", "request_key", "kexec_load", "bpf"], "action": "SCMP_ACT_ERRNO"}]}
            """;

    private static final Map<String, String> LINKS = Map.of("network", "net");

    private final Pod pod;
    private final Defaults defaults;

    /** For a pod on a node with these defaults. */
    CriConfig(Pod pod, Defaults defaults) {
        this.pod = pod;
        this.defaults = defaults;
    }

    /**
     * What the node's runtime does unasked.
     *
     * @param cgroupNamespaces gives each container a cgroup namespace: so on a node with cgroup version 2 alone
     * @param appArmorProfile puts each container under this profile: so on a kernel with AppArmor
     */
    record Defaults(boolean cgroupNamespaces, Optional<String> appArmorProfile) {}

    /** The pause container, which makes the namespaces that the pod's containers share. */
    ObjectNode sandbox(String id, Path files, Path sharedMemory) {
        ObjectNode config = parse(COMMON);
        ObjectNode process = config.withObject("/process");
        process.withArray("args").add("/pause");
        process.set("user", user(65535, 65535, List.of(65535L)));
        process.put("noNewPrivileges", true);
        grant(config, Capabilities.of(JsonNodeFactory.instance.objectNode()));
        config.withObject("/root").put("readonly", true);
        // In a user namespace a mount cannot be made read-only without repeating the flags that it has.
        mount(config, new Volumes.Mount(sharedMemory, "/dev/shm", true))
                .add("nosuid")
                .add("noexec")
                .add("nodev");
        mount(config, new Volumes.Mount(files.resolve("resolv.conf"), "/etc/resolv.conf", true));
        for (String type : List.of("pid", "ipc", "uts", "mount", "network")) {
            if (!hosts(type)) {
                namespace(config, type, null);
            }
        }
        if (!hosts("uts")) {
            config.put("hostname", pod.name());
        }
        userNamespace(config, null);
        annotate(config, id).put("io.kubernetes.cri.container-type", "sandbox");
        config.withObject("/linux").put("cgroupsPath", pod.cgroupPath(id)).set("seccomp", parse(SECCOMP));
        if (defaults.cgroupNamespaces) {
            namespace(config, "cgroup", null);
        }
        return config;
    }

    /** A container of the pod, in the namespaces of the sandbox with that first process. */
    ObjectNode container(JsonNode container, String id, String sandboxId, long sandboxPid, List<Volumes.Mount> mounts) {
        ObjectNode config = parse(COMMON);
        JsonNode context = container.path("securityContext");
        boolean privileged = context.path("privileged").asBoolean(false);
        ObjectNode process = config.withObject("/process");
        process.set("args", container.get("command"));
        process.set("user", user(container));
        process.put("noNewPrivileges", !context.path("allowPrivilegeEscalation").asBoolean(true));
        grant(config, Capabilities.of(context));
        if (context.path("readOnlyRootFilesystem").asBoolean(false)) {
            config.withObject("/root").put("readonly", true);
        }
        mounts.forEach(each -> mount(config, each));
        namespaces(config, sandboxPid);
        if (defaults.cgroupNamespaces && !privileged) {
            namespace(config, "cgroup", null);
        }
        annotate(config, sandboxId)
                .put("io.kubernetes.cri.container-type", "container")
                .put("io.kubernetes.cri.container-name", container.get("name").asText())
                .put("io.kubernetes.cri.image-name", Image.NAME);
        ObjectNode linux = config.withObject("/linux").put("cgroupsPath", pod.cgroupPath(id));
        if (!privileged && !isUnconfined(container)) {
            defaults.appArmorProfile.ifPresent(profile -> process.put("apparmorProfile", profile));
        }
        if (privileged) {
            privilege(config);
        } else if (List.of("RuntimeDefault", "Localhost")
                .contains(pod.securityContext(container, "seccompProfile")
                        .path("type")
                        .asText())) {
            linux.set("seccomp", parse(SECCOMP));
        }
        if (context.path("procMount").asText().equals("Unmasked")) {
            linux.remove(List.of("maskedPaths", "readonlyPaths"));
        }
        return config;
    }

    private boolean isUnconfined(JsonNode container) {
        return pod.securityContext(container, "appArmorProfile")
                .path("type")
                .asText()
                .equals("Unconfined");
    }

    private void namespaces(ObjectNode config, long sandboxPid) {
        namespace(config, "mount", null);
        boolean ownPids = !hosts("pid") && !pod.flag("shareProcessNamespace");
        namespace(config, "pid", ownPids ? null : "/proc/" + sandboxPid + "/ns/pid");
        for (String type : List.of("ipc", "uts", "network")) {
            namespace(config, type, "/proc/" + sandboxPid + "/ns/" + LINKS.getOrDefault(type, type));
        }
        userNamespace(config, "/proc/" + sandboxPid + "/ns/user");
    }

    private boolean hosts(String type) {
        return switch (type) {
            case "pid" -> pod.flag("hostPID");
            case "ipc" -> pod.flag("hostIPC");
            case "network", "uts" -> pod.flag("hostNetwork");
            default -> false;
        };
    }

    private void userNamespace(ObjectNode config, @Nullable String path) {
        if (!pod.spec().path("hostUsers").asBoolean(true)) {
            namespace(config, "user", path);
            for (String kind : List.of("uidMappings", "gidMappings")) {
                config.withObject("/linux")
                        .putArray(kind)
                        .addObject()
                        .put("containerID", 0)
                        .put("hostID", 200_000)
                        .put("size", 65536);
            }
        }
    }

    private ObjectNode user(JsonNode container) {
        JsonNode declared = pod.securityContext(container, "runAsUser");
        // An image whose name ends in :app has USER app; the other one has none.
        boolean app = container.path("image").asText().endsWith(":app");
        long uid = declared.isNumber() ? declared.asLong() : app ? 1000 : 0;
        JsonNode group = pod.securityContext(container, "runAsGroup");
        long gid = group.isNumber() ? group.asLong() : uid == 1000 ? 1000 : uid == 405 ? 100 : 0;
        var groups = new TreeSet<Long>(List.of(gid));
        JsonNode podContext = pod.spec().path("securityContext");
        podContext.path("supplementalGroups").forEach(each -> groups.add(each.asLong()));
        if (podContext.has("fsGroup")) {
            groups.add(podContext.get("fsGroup").asLong());
        }
        return user(uid, gid, groups);
    }

    private static ObjectNode user(long uid, long gid, Iterable<Long> groups) {
        ObjectNode user = JsonNodeFactory.instance.objectNode().put("uid", uid).put("gid", gid);
        ArrayNode additional = user.putArray("additionalGids");
        groups.forEach(additional::add);
        return user;
    }

    private static void grant(ObjectNode config, List<String> capabilities) {
        ObjectNode sets = config.withObject("/process/capabilities");
        for (String set : List.of("bounding", "effective", "permitted")) {
            ArrayNode names = sets.putArray(set);
            capabilities.forEach(names::add);
        }
    }

    private static void privilege(ObjectNode config) {
        ObjectNode linux = config.withObject("/linux");
        linux.remove(List.of("maskedPaths", "readonlyPaths"));
        linux.withObject("/resources")
                .putArray("devices")
                .addObject()
                .put("allow", true)
                .put("access", "rwm");
        for (JsonNode mount : config.get("mounts")) {
            if (mount.get("destination").asText().startsWith("/sys")) {
                ArrayNode options = (ArrayNode) mount.get("options");
                options.remove(options.size() - 1);
                options.add("rw");
            }
        }
    }

    private ObjectNode annotate(ObjectNode config, String sandboxId) {
        return config.withObject("/annotations")
                .put("io.kubernetes.cri.sandbox-id", sandboxId)
                .put("io.kubernetes.cri.sandbox-name", pod.name())
                .put("io.kubernetes.cri.sandbox-namespace", pod.namespace())
                .put("io.kubernetes.cri.sandbox-uid", pod.cgroupUid());
    }

    private static void namespace(ObjectNode config, String type, @Nullable String path) {
        ObjectNode namespace =
                config.withObject("/linux").withArray("namespaces").addObject().put("type", type);
        if (path != null) {
            namespace.put("path", path);
        }
    }

    static ArrayNode mount(ObjectNode config, Volumes.Mount mount) {
        return config.withArray("mounts")
                .addObject()
                .put("destination", mount.destination())
                .put("type", "bind")
                .put("source", mount.source().toString())
                .putArray("options")
                .add("rbind")
                .add("rprivate")
                .add(mount.readOnly() ? "ro" : "rw");
    }

    private static ObjectNode parse(String json) {
        try {
            return (ObjectNode) JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }
}
