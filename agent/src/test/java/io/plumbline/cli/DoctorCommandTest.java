package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.CapturedNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void thisMachineIsDescribedAndEveryMissingPartSaysWhatItTakes() throws IOException {
        int status = run("doctor", "--output", "json", "--no-kubelet");
        assertThat(status).as(err.toString()).isIn(0, 1);
        JsonNode root = new JsonMapper().readTree(out.toString());
        assertThat(root.at("/node/kernel").asText())
                .isEqualTo(
                        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
        assertThat(root.at("/node/processors").asInt())
                .isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(root.at("/node/memoryBytes").asLong()).isGreaterThan(1L << 28);
        Map<String, JsonNode> parts = parts(root);
        assertThat(parts)
                .containsKeys(
                        "processes",
                        "credentials",
                        "namespaces",
                        "programs",
                        "mounts",
                        "capabilities",
                        "native library",
                        "process events",
                        "bundles",
                        "kubelet",
                        "apparmor",
                        "apparmor_parser",
                        "state");
        assertThat(parts.get("kubelet").path("state").asText()).isEqualTo("absent");
        assertThat(parts.get("credentials").path("detail").asText()).matches("\\d+ of \\d+ readable.*");
        boolean missing = false;
        for (JsonNode part : parts.values()) {
            assertThat(part.path("state").asText()).isIn("ok", "missing", "absent");
            missing |= part.path("state").asText().equals("missing");
        }
        assertThat(status).isEqualTo(missing ? 1 : 0);
    }

    @Test
    void capturedTreeHasNoEventsAndItsKubeletIsTheFile() throws IOException {
        run(
                "doctor",
                "--output=json",
                "--proc",
                CapturedNode.kubernetes().resolve("proc").toString(),
                "--host-root",
                CapturedNode.kubernetesBundles().toString(),
                "--pods",
                CapturedNode.kubernetes().resolve("kubelet-pods.json").toString());
        Map<String, JsonNode> parts = parts(new JsonMapper().readTree(out.toString()));
        assertThat(parts.get("process events").path("state").asText()).isEqualTo("absent");
        assertThat(parts.get("kubelet").path("state").asText()).isEqualTo("ok");
        assertThat(parts.get("bundles").path("detail").asText()).matches("[1-9]\\d* containers' OCI bundles read.*");
    }

    @Test
    void tableHasALineForEachPart() {
        run("doctor", "--no-kubelet");
        assertThat(out.toString().lines())
                .anyMatch(line -> line.contains("Linux "))
                .anyMatch(line -> line.matches("(ok|MISSING) +process events +.*"))
                .anyMatch(line -> line.matches("absent +kubelet +none was named or found.*"));
    }

    @Test
    void kubeletThatDoesNotAnswerIsAMissingPartAndNotTheEnd(@TempDir Path directory) throws IOException {
        assertThat(run(
                        "doctor",
                        "--output=json",
                        "--pods",
                        directory.resolve("none.json").toString()))
                .isEqualTo(1);
        JsonNode kubelet = parts(new JsonMapper().readTree(out.toString())).get("kubelet");
        assertThat(kubelet.path("state").asText()).isEqualTo("missing");
        assertThat(kubelet.path("detail").asText()).contains("no such file");
    }

    @Test
    void wrongWordIsOneLine() {
        assertThat(run("doctor", "--output", "xml")).isEqualTo(2);
        assertThat(err.toString()).isEqualTo("plumbline doctor: --output: 'xml' is unknown; use table or json\n");
    }

    private static Map<String, JsonNode> parts(JsonNode root) {
        Map<String, JsonNode> parts = new TreeMap<>();
        root.path("parts").forEach(part -> parts.put(part.path("name").asText(), part));
        return parts;
    }

    private int run(String... words) {
        return CommandTree.commandLine(Map.of())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(words);
    }
}
