package io.plumbline.runtime;

import io.plumbline.model.CapabilitySet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import io.plumbline.model.OciBundle.BundleMount;
import io.plumbline.model.OciBundle.Capabilities;
import io.plumbline.model.OciBundle.User;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A bundle's {@code config.json}, see config.md and config-linux.md of the OCI runtime specification.
 */
final class OciConfig {

    private OciConfig() {}

    /** Whose bundle it is, and where; see {@link OciBundle}. */
    record Keeper(String id, String runtime, String runtimeNamespace, String source, boolean personal) {}

    /** Of the file all that the model knows, without what only the directory around it tells. */
    static OciBundle read(JsonObject config, Keeper keeper) throws MalformedException {
        if (!config.has("process") || !config.has("linux")) {
            throw new MalformedException("no OCI runtime specification of a Linux container");
        }
        JsonObject process = config.object("process");
        JsonObject linux = config.object("linux");
        return new OciBundle(
                keeper.id(),
                keeper.runtime(),
                keeper.runtimeNamespace(),
                keeper.source(),
                Optional.empty(),
                config.textsByName("annotations"),
                capabilities(process.object("capabilities")),
                user(process.object("user")),
                process.flag("noNewPrivileges"),
                linux.has("seccomp"),
                process.text("apparmorProfile"),
                process.text("selinuxLabel"),
                config.object("root").flag("readonly"),
                linux.texts("maskedPaths"),
                linux.texts("readonlyPaths"),
                namespaces(linux.objects("namespaces")),
                !linux.objects("uidMappings").isEmpty(),
                mounts(config.objects("mounts")),
                linux.text("cgroupsPath"),
                Optional.empty(),
                keeper.personal());
    }

    private static Capabilities capabilities(JsonObject sets) throws MalformedException {
        return new Capabilities(
                CapabilitySet.named(sets.texts("bounding")),
                CapabilitySet.named(sets.texts("effective")),
                CapabilitySet.named(sets.texts("permitted")),
                CapabilitySet.named(sets.texts("inheritable")),
                CapabilitySet.named(sets.texts("ambient")));
    }

    private static User user(JsonObject user) throws MalformedException {
        return new User(user.integer("uid"), user.integer("gid"), user.integers("additionalGids"));
    }

    private static Map<NamespaceType, String> namespaces(List<JsonObject> list) throws MalformedException {
        Map<NamespaceType, String> namespaces = new EnumMap<>(NamespaceType.class);
        for (JsonObject namespace : list) {
            Optional<NamespaceType> type = type(namespace.text("type").orElse(""));
            if (type.isPresent()) {
                namespaces.put(type.get(), namespace.text("path").orElse(""));
            }
        }
        return namespaces;
    }

    /** The specification's words for two of them are not the kernel's. */
    private static Optional<NamespaceType> type(String word) {
        return switch (word) {
            case "cgroup" -> Optional.of(NamespaceType.CGROUP);
            case "ipc" -> Optional.of(NamespaceType.IPC);
            case "mount" -> Optional.of(NamespaceType.MNT);
            case "network" -> Optional.of(NamespaceType.NET);
            case "pid" -> Optional.of(NamespaceType.PID);
            case "user" -> Optional.of(NamespaceType.USER);
            case "uts" -> Optional.of(NamespaceType.UTS);
            default -> Optional.empty();
        };
    }

    private static List<BundleMount> mounts(List<JsonObject> list) throws MalformedException {
        List<BundleMount> mounts = new ArrayList<>(list.size());
        for (JsonObject mount : list) {
            mounts.add(new BundleMount(
                    mount.text("destination").orElse(""),
                    mount.text("type").orElse(""),
                    mount.text("source").orElse(""),
                    mount.texts("options")));
        }
        return mounts;
    }
}
