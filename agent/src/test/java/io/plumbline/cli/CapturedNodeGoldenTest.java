package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.CapturedNode;
import io.plumbline.Golden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole program over a captured node of Kubernetes 1.32 with real drift in it: exactly what its {@code expected.json} says. */
class CapturedNodeGoldenTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Where the declared side comes from. */
    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private enum Declared {
        BY_THE_KUBELET("--pods", CapturedNode.kubernetes() + "/kubelet-pods.json"),
        BY_THE_KUBELET_AND_BUNDLES(
                "--pods",
                CapturedNode.kubernetes() + "/kubelet-pods.json",
                "--host-root",
                CapturedNode.kubernetesBundles().toString());

        private final List<String> options;

        Declared(String... options) {
            this.options = List.of(options);
        }
    }

    @ParameterizedTest
    @EnumSource
    void findsExactlyTheDriftThatIsThere(Declared declared) throws IOException {
        Map<String, Set<Integer>> found = new TreeMap<>();
        for (JsonNode finding : drift(declared)) {
            found.put(place(finding) + " " + finding.get("check").asText(), pids(finding.get("processes"), "pid"));
        }
        Map<String, Set<Integer>> expected = new TreeMap<>();
        for (JsonNode drift : expected().get("drift")) {
            String key = place(drift) + " " + drift.get("check").asText();
            // Where expected.json names no pid any process of the container may be the one.
            expected.put(key, drift.has("pids") ? pids(drift.get("pids"), "") : found.getOrDefault(key, Set.of(-1)));
        }

        assertThat(found).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void attributesTheProcessesAsTheyReallyBelong(Declared declared) throws IOException {
        JsonNode report = scan(declared);
        Map<Integer, String> owners = new TreeMap<>();
        for (JsonNode container : report.get("containers")) {
            pids(container.get("pids"), "").forEach(pid -> owners.put(pid, place(container)));
        }
        List<String> wrong = new ArrayList<>();
        int looked = 0;
        for (JsonNode process : expected().get("attribution")) {
            int pid = process.get("pid").asInt();
            String owner = owners.getOrDefault(pid, "host");
            if (!owner.equals(process.path("host").asBoolean() ? "host" : place(process))) {
                wrong.add(pid + " is said to be of " + owner);
            }
            looked++;
        }

        assertThat(looked).isEqualTo(expected().get("attribution").size()).isPositive();
        assertThat(wrong).isEmpty();
        assertThat(report.at("/node/processes/unattributed").asInt()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void causeIsKnownWhereTheBundlesAreRead(Declared declared) throws IOException {
        Set<String> causes = new TreeSet<>();
        drift(declared).forEach(finding -> causes.add(finding.get("cause").asText()));

        assertThat(causes)
                .containsExactly(
                        declared == Declared.BY_THE_KUBELET_AND_BUNDLES ? "after-start" : "not-explained-by-spec");
    }

    @ParameterizedTest
    @EnumSource
    void wholeReportIsTheKeptOne(Declared declared) throws IOException {
        ObjectNode report = (ObjectNode) scan(declared);
        // What depends on the machine that reads the capture, and not on the capture.
        report.withObject("/node").put("reader", "").put("readerUid", 0);
        report.withObject("/node/kubelet").put("source", "kubelet-pods.json");

        Golden.assertKept(
                "captured-node." + declared.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".json",
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
    }

    private static List<JsonNode> drift(Declared declared) throws IOException {
        return StreamSupport.stream(scan(declared).get("findings").spliterator(), false)
                .filter(finding -> finding.get("kind").asText().equals("drift"))
                .toList();
    }

    private static JsonNode scan(Declared declared) throws IOException {
        List<String> words = new ArrayList<>(List.of("scan", "--output", "json", "--proc"));
        words.add(CapturedNode.kubernetes().resolve("proc").toString());
        words.addAll(declared.options);
        Commands.Result result = Commands.run(words.toArray(String[]::new));
        assertThat(result.err()).isEmpty();
        assertThat(result.status()).isEqualTo(ExitStatus.FOUND);
        return JSON.readTree(result.out());
    }

    private static JsonNode expected() throws IOException {
        Path file = CapturedNode.kubernetes().resolve("expected.json");
        return JSON.readTree(Files.readString(file));
    }

    private static String place(JsonNode named) {
        return Stream.of("namespace", "pod", "container")
                .map(name -> named.path(name).asText())
                .reduce((one, other) -> one + "/" + other)
                .orElse("");
    }

    private static Set<Integer> pids(JsonNode list, String field) {
        Set<Integer> pids = new TreeSet<>();
        StreamSupport.stream(list.spliterator(), false)
                .map(entry -> field.isEmpty() ? entry : entry.get(field))
                .forEach(pid -> pids.add(pid.asInt()));
        return pids;
    }
}
