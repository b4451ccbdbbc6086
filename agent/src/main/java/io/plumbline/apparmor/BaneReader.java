package io.plumbline.apparmor;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.toml.TomlFactory;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import io.plumbline.model.Capability;
import io.plumbline.model.ProfileError;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads bane's TOML. Keys in any letter case, all fields optional but the name, as bane does it.
 *
 * <p>bane writes every value into the profile as it stands, so a path with a line break smuggles rules in. Here each value is checked:
 * what is no path, no capability, no protocol or no name is refused, and so are the undocumented keys that insert text verbatim.
 *
 * @see <a href="https://github.com/genuinetools/bane">genuinetools/bane</a>
 */
public final class BaneReader {

    /** The name that bane gives a profile begins so. */
    static final String PREFIX = "docker-";

    private static final Set<String> PROTOCOLS =
            Set.of("tcp", "udp", "icmp", "stream", "dgram", "seqpacket", "rdm", "raw", "packet");
    private static final Set<String> VERBATIM = Set.of("imports", "innerimports");
    private static final int MOST_DEPTH = 20;
    private static final int LONGEST_PATH = 4096;
    private static final int MOST_ENTRIES = 5000;

    private final TomlMapper toml = new TomlMapper(TomlFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MOST_DEPTH).build())
            .build());
    private final SourceText source;
    private final String text;
    private final List<ProfileError> errors = new ArrayList<>();
    private final List<ProfileError> warnings = new ArrayList<>();

    private BaneReader(String file, String text) {
        this.source = new SourceText(file, text);
        this.text = text;
    }

    /**
     * Reads one profile.
     *
     * @param file named in errors
     * @throws RejectedProfileException with everything that is wrong with it
     */
    public static BaneProfile read(String file, String text) throws RejectedProfileException {
        return new BaneReader(file, text).profile();
    }

    private BaneProfile profile() throws RejectedProfileException {
        Map<String, JsonNode> top = table("", document(), Set.of("name", "filesystem", "capabilities", "network"));
        Map<String, JsonNode> files = table(
                "Filesystem.",
                top.get("filesystem"),
                Set.of("readonlypaths", "logonwritepaths", "writablepaths", "allowexec", "denyexec"));
        Map<String, JsonNode> capabilities = table("Capabilities.", top.get("capabilities"), Set.of("allow", "deny"));
        Map<String, JsonNode> network = table("Network.", top.get("network"), Set.of("raw", "packet", "protocols"));
        BaneProfile profile = new BaneProfile(
                name(top.get("name")),
                paths(files, "ReadOnlyPaths"),
                paths(files, "LogOnWritePaths"),
                paths(files, "WritablePaths"),
                paths(files, "AllowExec"),
                paths(files, "DenyExec"),
                capabilities(capabilities, "Allow"),
                capabilities(capabilities, "Deny"),
                flag(network, "Raw"),
                flag(network, "Packet"),
                protocols(network),
                List.of());
        if (!errors.isEmpty()) {
            throw new RejectedProfileException(errors);
        }
        advise(profile);
        return new BaneProfile(
                profile.name(),
                profile.readOnlyPaths(),
                profile.logOnWritePaths(),
                profile.writablePaths(),
                profile.allowExec(),
                profile.denyExec(),
                profile.allowedCapabilities(),
                profile.deniedCapabilities(),
                profile.raw(),
                profile.packet(),
                profile.protocols(),
                warnings);
    }

    private JsonNode document() throws RejectedProfileException {
        try {
            return toml.readTree(text);
        } catch (JsonProcessingException e) {
            String why =
                    String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("cannot be decoded");
            JsonLocation at = e.getLocation();
            throw new RejectedProfileException(List.of(
                    at == null
                            ? source.error("not TOML: " + why)
                            : source.errorAtOffset((int) at.getCharOffset(), "not TOML: " + why)));
        }
    }

    /** The keys in lower case; two that differ in letter case alone are two values for one field. */
    private Map<String, JsonNode> table(String where, @Nullable JsonNode node, Set<String> known) {
        Map<String, JsonNode> fields = new HashMap<>();
        if (node == null) {
            return fields;
        }
        if (!node.isObject()) {
            wrong(where.isEmpty() ? "the document" : where.substring(0, where.length() - 1), "a table", node);
            return fields;
        }
        node.properties().forEach(entry -> {
            String key = entry.getKey().toLowerCase(Locale.ROOT);
            if (VERBATIM.contains(key)) {
                errors.add(source.errorAt(
                        "the key '" + entry.getKey() + "' inserts text into the profile unchecked and is refused;"
                                + " write the whole profile in AppArmor's own language instead",
                        entry.getKey()));
            } else if (!known.contains(key)) {
                warnings.add(source.errorAt(
                        "the key '" + where + shown(entry.getKey()) + "' is unknown and has no effect",
                        entry.getKey()));
            } else if (fields.put(key, entry.getValue()) != null) {
                errors.add(source.errorAt(
                        "the key '" + where + entry.getKey() + "' stands there twice, in different letter case",
                        entry.getKey()));
            }
        });
        return fields;
    }

    private String name(@Nullable JsonNode node) {
        if (node == null || (node.isTextual() && node.textValue().isEmpty())) {
            errors.add(source.error("Name is missing: the profile would be called '" + PREFIX + "'"));
            return PREFIX;
        }
        if (!node.isTextual()) {
            wrong("Name", "a string", node);
            return PREFIX;
        }
        String told = node.textValue();
        String name = told.startsWith(PREFIX) ? told : PREFIX + told;
        Optional<String> trouble = name.contains("/")
                ? Optional.of("Name '" + shown(told) + "': no '/' in it")
                : ProfileNames.trouble(name);
        trouble.ifPresent(why -> errors.add(source.errorAt(shown(why), told, "name")));
        return name;
    }

    private List<String> strings(Map<String, JsonNode> table, String where, String key) {
        JsonNode node = table.get(key.toLowerCase(Locale.ROOT));
        List<String> strings = new ArrayList<>();
        if (node == null) {
            return strings;
        }
        if (!node.isArray()) {
            wrong(where + key, "an array of strings", node);
            return strings;
        }
        if (node.size() > MOST_ENTRIES) {
            errors.add(
                    source.errorAt(where + key + " has " + node.size() + " entries, more than " + MOST_ENTRIES, key));
            return strings;
        }
        for (JsonNode one : node) {
            if (one.isTextual()) {
                strings.add(one.textValue());
            } else {
                wrong(where + key, "an array of strings", one);
            }
        }
        return strings;
    }

    private List<String> paths(Map<String, JsonNode> table, String key) {
        List<String> paths = strings(table, "Filesystem.", key);
        for (String path : paths) {
            pathTrouble(path)
                    .ifPresent(why -> errors.add(
                            source.errorAt("Filesystem." + key + ": '" + shown(path) + "' " + why, path, key)));
            if (path.indexOf('\\') >= 0) {
                warnings.add(source.errorAt(
                        "Filesystem." + key + ": in '" + shown(path)
                                + "' a backslash takes the meaning from what follows: '\\*' is a star in a file's name,"
                                + " so this protects no other file; was it copied from a page that escapes stars?",
                        path,
                        key));
            }
        }
        return paths;
    }

    private static Optional<String> pathTrouble(String path) {
        if (path.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029)) {
            return Optional.of("holds a line break or another control character");
        }
        if (path.indexOf('"') >= 0) {
            return Optional.of("holds a quote");
        }
        if (!path.startsWith("/") && !path.startsWith("@{")) {
            return Optional.of("is no absolute path");
        }
        if (path.length() > LONGEST_PATH) {
            return Optional.of("is longer than " + LONGEST_PATH + " characters");
        }
        // In a quoted path the last quote would be escaped, and the rule would go on.
        if (path.endsWith("\\")) {
            return Optional.of("ends with a backslash");
        }
        return Optional.empty();
    }

    private List<String> capabilities(Map<String, JsonNode> table, String key) {
        List<String> names = new ArrayList<>();
        for (String told : strings(table, "Capabilities.", key)) {
            OptionalInt bit = Capability.bitOf(told);
            if (bit.isEmpty() || bit.getAsInt() >= Capability.values().length) {
                errors.add(source.errorAt(
                        "Capabilities." + key + ": '" + shown(told) + "' is no capability, see capabilities(7)",
                        told,
                        key));
            } else {
                names.add(Capability.nameOf(bit.getAsInt()).toLowerCase(Locale.ROOT));
            }
        }
        return names;
    }

    private List<String> protocols(Map<String, JsonNode> network) {
        List<String> protocols = strings(network, "Network.", "Protocols");
        for (String protocol : protocols) {
            if (!PROTOCOLS.contains(protocol)) {
                errors.add(source.errorAt(
                        "Network.Protocols: '" + shown(protocol)
                                + "' is unknown; use tcp, udp, icmp, stream, dgram, seqpacket, rdm, raw or packet",
                        protocol,
                        "Protocols"));
            }
        }
        return protocols;
    }

    private boolean flag(Map<String, JsonNode> network, String key) {
        JsonNode node = network.get(key.toLowerCase(Locale.ROOT));
        if (node == null) {
            return false;
        }
        if (!node.isBoolean()) {
            wrong("Network." + key, "true or false", node);
            return false;
        }
        return node.booleanValue();
    }

    private void wrong(String key, String wanted, JsonNode found) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        errors.add(source.errorAt(
                key + " is to be " + wanted + ", and is "
                        + found.getNodeType().name().toLowerCase(Locale.ROOT),
                last));
    }

    /** Accepted, as bane does; but it does not do what it seems to. */
    private void advise(BaneProfile profile) {
        if (profile.deniedCapabilities().isEmpty()
                && profile.allowedCapabilities().isEmpty()) {
            warnings.add(source.errorAt("no capability is listed, so the container has none at all", "capabilities"));
        }
        if (!profile.deniedCapabilities().isEmpty()
                && !profile.allowedCapabilities().isEmpty()) {
            warnings.add(source.errorAt("Capabilities.Allow has no effect beside Deny", "allow"));
        }
        if (!profile.raw() && profile.protocols().contains("icmp")) {
            warnings.add(source.errorAt("icmp is denied all the same, because Network.Raw is false", "icmp"));
        }
    }

    private static String shown(String told) {
        String start = told.length() > 80 ? told.substring(0, 80) + "..." : told;
        return start.replaceAll("\\p{Cntrl}", "?");
    }
}
