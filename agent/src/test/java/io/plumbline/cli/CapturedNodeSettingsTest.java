package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.CapturedNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The whole program over the captured node with its real kubelet and API server: as they were started, and with one word of their
 * command lines changed.
 */
class CapturedNodeSettingsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String API_SERVER = "18396";
    private static final String KUBELET = "18463";

    @TempDir
    private Path node;

    @BeforeEach
    void copy() throws IOException {
        Path from = CapturedNode.kubernetes().resolve("proc");
        Path proc = node.resolve("proc");
        for (String pid : List.of(API_SERVER, KUBELET)) {
            copy(from.resolve(pid), proc.resolve(pid));
        }
        Files.createDirectories(node.resolve("host/etc/kubernetes"));
        Files.writeString(node.resolve("host/etc/kubernetes/kubelet.yaml"), """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                authentication: {anonymous: {enabled: false}, x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}}
                authorization: {mode: Webhook}
                """);
    }

    private static void copy(Path from, Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path to = directory.resolve(from.relativize(path).toString());
                if (Files.isSymbolicLink(path)) {
                    Files.createSymbolicLink(to, Files.readSymbolicLink(path));
                } else if (Files.isDirectory(path)) {
                    Files.createDirectories(to);
                } else {
                    Files.copy(path, to);
                }
            }
        }
    }

    @Test
    void apiServerAsItWasStartedLetsAnonymousInAndWritesSecretsAsTheyAre() throws IOException {
        assertThat(checks()).isEqualTo(of("apparmor-available", "apiserver-anonymous-auth", "apiserver-encryption"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "--authorization-mode=Node,RBAC --authorization-mode=ABAC,RBAC apiserver-authorization",
                "--authorization-mode=Node,RBAC --authorization-mode=AlwaysAllow apiserver-authorization",
                "--allow-privileged=true --token-auth-file=/etc/kubernetes/tokens.csv apiserver-token-file",
                "--allow-privileged=true --basic-auth-file=/etc/kubernetes/users.csv apiserver-token-file",
                "--allow-privileged=true --disable-admission-plugins=PodSecurity apiserver-admission",
                "--enable-admission-plugins=NodeRestriction --enable-admission-plugins=AlwaysPullImages apiserver-admission"
            })
    void oneWordOfTheApiServersCommandLineMakesTheFinding(String was, String now, String check) throws IOException {
        replace(API_SERVER, was, now);

        assertThat(checks())
                .isEqualTo(of("apparmor-available", "apiserver-anonymous-auth", "apiserver-encryption", check));
        JsonNode finding = finding(check);
        assertThat(finding.get("evidence").toString())
                .contains("/proc/18396/cmdline")
                .contains(now);
        assertThat(finding.get("processes").get(0).get("pid").asInt()).isEqualTo(18396);
        assertThat(finding.get("remedy").asText()).isNotBlank();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "--allow-privileged=true --anonymous-auth=false apiserver-anonymous-auth",
                "--allow-privileged=true --encryption-provider-config=/etc/kubernetes/encryption.yaml apiserver-encryption"
            })
    void oneWordOfTheApiServersCommandLineTakesTheFindingAway(String was, String now, String check) throws IOException {
        replace(API_SERVER, was, now);

        assertThat(checks()).doesNotContain(check);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "--v=2 --anonymous-auth=true kubelet-anonymous-auth",
                "--v=2 --authorization-mode=AlwaysAllow kubelet-authorization",
                "--v=2 --read-only-port=10255 kubelet-read-only-port"
            })
    void flagOfTheKubeletStandsOverTheFileThatItNames(String was, String now, String check) throws IOException {
        assertThat(checks()).doesNotContain(check);

        replace(KUBELET, was, now);

        assertThat(checks()).contains(check);
        assertThat(finding(check).get("evidence").toString())
                .contains("/proc/18463/cmdline")
                .contains(now);
    }

    @Test
    void kubeletsFileThatIsNotThereLeavesItsSettingsUndetermined() throws IOException {
        Files.delete(node.resolve("host/etc/kubernetes/kubelet.yaml"));

        JsonNode report = scan();

        assertThat(undetermined(report))
                .contains("kubelet-anonymous-auth /etc/kubernetes/kubelet.yaml ENOENT")
                .contains("kubelet-authorization /etc/kubernetes/kubelet.yaml ENOENT");
    }

    @Test
    void kubeletWhoseFileWasReplacedIsSaidSo() throws IOException {
        Path exe = node.resolve("proc").resolve(KUBELET).resolve("exe");
        Path was = Files.readSymbolicLink(exe);
        Files.delete(exe);
        Files.createSymbolicLink(exe, Path.of(was + " (deleted)"));

        assertThat(finding("kubelet-replaced").get("evidence").toString()).contains(was + " (deleted)");
    }

    private static Set<String> of(String... checks) {
        return new TreeSet<>(List.of(checks));
    }

    private void replace(String pid, String was, String now) throws IOException {
        Path file = node.resolve("proc").resolve(pid).resolve("cmdline");
        List<String> words = new ArrayList<>(
                Arrays.asList(Files.readString(file, StandardCharsets.UTF_8).split("\0", -1)));
        int place = words.indexOf(was);
        assertThat(place).as(was).isPositive();
        words.set(place, now);
        Files.writeString(file, String.join("\0", words));
    }

    private Set<String> checks() throws IOException {
        Set<String> checks = new TreeSet<>();
        for (JsonNode finding : scan().get("findings")) {
            if (finding.get("kind").asText().equals("node")) {
                checks.add(finding.get("check").asText());
            }
        }
        return checks;
    }

    private JsonNode finding(String check) throws IOException {
        for (JsonNode finding : scan().get("findings")) {
            if (finding.get("check").asText().equals(check)) {
                return finding;
            }
        }
        throw new AssertionError("no finding of " + check);
    }

    private static List<String> undetermined(JsonNode report) {
        List<String> gaps = new ArrayList<>();
        report.get("undetermined")
                .forEach(gap -> gaps.add(gap.get("check").asText() + " "
                        + gap.get("source").asText() + " " + gap.get("why").asText()));
        return gaps;
    }

    private JsonNode scan() throws IOException {
        Commands.Result result = Commands.run(
                "scan",
                "--output",
                "json",
                "--proc",
                node.resolve("proc").toString(),
                "--host-root",
                node.resolve("host").toString(),
                "--pods",
                CapturedNode.kubernetes().resolve("kubelet-pods.json").toString());
        assertThat(result.err()).isEmpty();
        return JSON.readTree(result.out());
    }
}
