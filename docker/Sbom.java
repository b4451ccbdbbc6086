import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Prints what an image is made of, as CycloneDX 1.5: the jars of /opt/plumbline/lib with their Maven coordinates and SHA-256, and the Debian
 * packages that files were taken from.
 *
 * <p>{@code java Sbom.java ROOT DEPENDENCIES NAME VERSION}: the image's root directory, and what maven-dependency-plugin:list wrote.
 */
final class Sbom {

    private Sbom() {}

    public static void main(String[] args) throws Exception {
        if (args.length != 4) {
            System.err.println("usage: Sbom.java ROOT DEPENDENCIES NAME VERSION");
            System.exit(2);
        }
        Path root = Path.of(args[0]);
        Map<String, String> coordinates = coordinates(Path.of(args[1]));
        List<String> components = new ArrayList<>();
        for (Path jar : files(root.resolve("opt/plumbline/lib"))) {
            String file = jar.getFileName().toString();
            String purl = Optional.ofNullable(coordinates.get(file))
                    .orElseThrow(() -> new IllegalStateException("no Maven coordinates of " + file + " in " + args[1]));
            String[] parts = purl.split("[/@?]"); // pkg:maven / group / artifact @ version
            components.add(component("library", parts[1], parts[2], parts[3], purl, Optional.of(sha256(jar))));
        }
        for (Path status : files(root.resolve("var/lib/dpkg/status.d"))) {
            Map<String, String> fields = fields(status);
            String name = fields.get("Package");
            String version = fields.get("Version");
            String purl = "pkg:deb/debian/" + name.replace("+", "%2B") + "@" + version.replace("+", "%2B").replace(":", "%3A")
                    + "?arch=" + fields.get("Architecture");
            components.add(component("library", "debian", name, version, purl, Optional.empty()));
        }
        System.out.println("{\n  \"bomFormat\": \"CycloneDX\",\n  \"specVersion\": \"1.5\",\n  \"version\": 1,\n"
                + "  \"metadata\": {\"component\": {\"type\": \"container\", \"name\": " + quoted(args[2]) + ", \"version\": "
                + quoted(args[3]) + "}},\n  \"components\": [\n    " + String.join(",\n    ", components) + "\n  ]\n}");
    }

    private static String component(
            String type, String group, String name, String version, String purl, Optional<String> sha256) {
        Map<String, String> members = new LinkedHashMap<>();
        members.put("type", quoted(type));
        members.put("bom-ref", quoted(purl));
        members.put("group", quoted(group));
        members.put("name", quoted(name));
        members.put("version", quoted(version));
        members.put("purl", quoted(purl));
        sha256.ifPresent(hash -> members.put("hashes", "[{\"alg\": \"SHA-256\", \"content\": " + quoted(hash) + "}]"));
        return members.entrySet().stream()
                .map(member -> quoted(member.getKey()) + ": " + member.getValue())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /** By file name: {@code group:artifact:jar[:classifier]:version:scope}, one a line, among other words. */
    private static Map<String, String> coordinates(Path list) throws IOException {
        Map<String, String> byFile = new LinkedHashMap<>();
        for (String line : Files.readAllLines(list)) {
            String[] words = line.strip().split(" ")[0].split(":");
            if (words.length == 5) {
                byFile.put(words[1] + "-" + words[3] + ".jar", "pkg:maven/" + words[0] + "/" + words[1] + "@" + words[3]);
            } else if (words.length == 6) {
                byFile.put(
                        words[1] + "-" + words[4] + "-" + words[3] + ".jar",
                        "pkg:maven/" + words[0] + "/" + words[1] + "@" + words[4] + "?classifier=" + words[3]);
            }
        }
        return byFile;
    }

    private static Map<String, String> fields(Path status) throws IOException {
        return Files.readAllLines(status).stream()
                .filter(line -> line.matches("[A-Za-z-]+: .*"))
                .map(line -> line.split(": ", 2))
                .collect(Collectors.toMap(field -> field[0], field -> field[1], (first, second) -> first));
    }

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
