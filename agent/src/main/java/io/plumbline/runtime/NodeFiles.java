package io.plumbline.runtime;

import io.plumbline.model.NodeConfiguration.CniNetwork;
import io.plumbline.model.Reading;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files of the node that say how its network and its AppArmor were set up. */
public final class NodeFiles {

    private static final String CNI = "/etc/cni/net.d";
    private static final int LONGEST = 1 << 20;
    private static final List<String> PARSERS = List.of(
            "/sbin/apparmor_parser", "/usr/sbin/apparmor_parser", "/bin/apparmor_parser", "/usr/bin/apparmor_parser");

    private final HostFiles files;
    private final RuntimeJson json = new RuntimeJson(Set.of());

    /** @param root where the node's root is */
    public NodeFiles(Path root) {
        this.files = new HostFiles(root);
    }

    /** Is the program there by which runtimes load their default profile? */
    public Reading<Boolean> appArmorParser() {
        try {
            for (String path : PARSERS) {
                if (files.realPath(path).isPresent()) {
                    return Reading.of(true);
                }
            }
            // A root without these is not a node's: a captured tree of bundles, for example.
            return files.realPath("/usr").isPresent() && files.realPath("/etc").isPresent()
                    ? Reading.of(false)
                    : new Reading.Absent<>(PARSERS.get(0));
        } catch (HostFiles.UnreadableException e) {
            return new Reading.Unreadable<>(e.path(), e.why());
        }
    }

    /** The first of the directory's configurations by name, as libcni takes it. */
    public Reading<CniNetwork> cni() {
        try {
            for (String name : files.list(CNI)) {
                if (name.endsWith(".conf") || name.endsWith(".conflist") || name.endsWith(".json")) {
                    return network(CNI + "/" + name);
                }
            }
            return new Reading.Absent<>(CNI);
        } catch (HostFiles.UnreadableException e) {
            return new Reading.Unreadable<>(e.path(), e.why());
        }
    }

    private Reading<CniNetwork> network(String path) throws HostFiles.UnreadableException {
        Optional<byte[]> bytes = files.read(path, LONGEST);
        if (bytes.isEmpty()) {
            return new Reading.Absent<>(path);
        }
        try {
            Object root = json.read(bytes.get());
            List<String> plugins = field(root, "plugins") instanceof List<?> list
                    ? list.stream().map(plugin -> text(plugin, "type")).toList()
                    : List.of(text(root, "type"));
            return Reading.of(new CniNetwork(path, text(root, "name"), plugins));
        } catch (MalformedException e) {
            return new Reading.Unreadable<>(path, String.valueOf(e.getMessage()));
        }
    }

    /** Null where there is none. */
    private static @Nullable Object field(Object value, String name) {
        return value instanceof Map<?, ?> fields ? fields.get(name) : null;
    }

    /** Empty where there is none. */
    private static String text(Object value, String name) {
        return field(value, name) instanceof String text ? text : "";
    }
}
