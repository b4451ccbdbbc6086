package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Fuzz;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged manifests: they are read or refused with one clean line, and always soon. */
@Tag("fuzz")
class ManifestFuzzTest {

    private static final String YAML = """
            apiVersion: apps/v1
            kind: Deployment
            metadata: &meta {name: web, labels: {app: "web"}}
            spec:
              template:
                metadata:
                  <<: *meta
                spec:
                  hostPID: no
                  securityContext: {runAsNonRoot: true, sysctls: [{name: a.b, value: '1'}]}
                  containers:
                    - name: main
                      command: [a, "b", 'c']
                      args:
                        - |
                          text
                      ports: [{containerPort: 0x50, hostPort: 80}]
                      livenessProbe: {httpGet: {host: x}}
                      securityContext:
                        capabilities: {add: [NET_ADMIN], drop: [ALL]}
            ---
            apiVersion: v1
            kind: List
            items: [{kind: Pod, apiVersion: v1, spec: {containers: [{name: x}]}}]
            """;

    private static final String JSON = """
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "annotations": {"a": "b"}},
             "spec": {"hostNetwork": true, "volumes": [{"name": "v", "hostPath": {"path": "/"}}],
              "containers": [{"name": "a", "securityContext": {"runAsUser": 0, "seccompProfile": {"type": "Localhost"}}}]}}
            """;

    private static final String POLICY = """
            apiVersion: plumbline.io/v1
            kind: PodPolicy
            metadata: {name: web}
            spec: {level: restricted, version: v1.29, checks: [run-as-group], allowedImages: ["x/*"]}
            ---
            apiVersion: plumbline.io/v1
            kind: PolicyBinding
            metadata: {name: all}
            spec:
              policies: [web]
              namespaces: ["shop"]
              namespaceSelector: {matchLabels: {team: a}}
              serviceAccounts: ["shop/web"]
            """;

    private static final List<String> PIECES = List.of(
            "null",
            "true",
            "yes",
            "-1",
            "1e999",
            "0x",
            "{}",
            "[]",
            "\"\"",
            "\"\\u0000\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            ": ",
            "\"",
            "'",
            "\\",
            " ",
            "\n",
            "\t",
            "\n  ",
            "\u0000",
            "\u0085",
            "\u2028",
            "\ufeff",
            "&a ",
            "*a",
            "*meta",
            "<<: ",
            "!!int ",
            "!!binary ",
            "? ",
            "- ",
            "| ",
            "> ",
            "%YAML 1.1\n",
            "---\n",
            "...\n",
            "#",
            "@",
            "`",
            "99999999999999999999999",
            "[[[[[[[[",
            "{a: {a: {a: ",
            "kind: List\nitems: ");

    @Test
    void damagedManifestIsReadOrRefusedInOneLine() {
        ManifestReader reader = new ManifestReader();
        AtomicInteger read = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        long rounds = Fuzz.of("manifest").rounds(6000, noise -> {
            byte[] damaged = noise.spoiled((noise.once(2) ? YAML : JSON).getBytes(UTF_8), PIECES);
            try {
                reader.read(
                        new ByteArrayInputStream(damaged),
                        manifest -> assertThat(manifest.kind()).isNotEmpty());
                read.incrementAndGet();
            } catch (ManifestException e) {
                refused.incrementAndGet();
                assertThat(e.getMessage()).isNotBlank().doesNotMatch("(?s).*\\p{Cntrl}.*");
                assertThat(e.getMessage().length()).isLessThan(1500);
            }
        });
        // else the damage is none, or the manifests are none
        assertThat((long) read.get()).isGreaterThanOrEqualTo(rounds / 30);
        assertThat((long) refused.get()).isGreaterThanOrEqualTo(rounds / 30);
    }

    /** PodSecurityPolicies and policies of our own, of whom several problems are said at once. */
    @Test
    void damagedPolicyIsReadOrRefusedInOneLine(@TempDir Path directory) throws Exception {
        byte[] psp = Files.readAllBytes(Path.of("../docs/examples/book/psp-default.yaml"));
        Path file = directory.resolve("policy.yaml");
        AtomicInteger refused = new AtomicInteger();
        long rounds = Fuzz.of("policy").rounds(800, noise -> {
            Files.write(file, noise.spoiled(noise.once(2) ? psp : POLICY.getBytes(UTF_8), PIECES));
            try {
                assertThat(PolicyFiles.read(List.of(file))).isNotNull();
            } catch (ManifestException e) {
                refused.incrementAndGet();
                // with the file's name, or the name of a policy that no file has
                assertThat(e.getMessage())
                        .matches("(?s)(" + directory + "|PolicyBinding: ).*")
                        .doesNotMatch("(?s).*\\p{Cntrl}.*");
            }
        });
        assertThat((long) refused.get()).isGreaterThanOrEqualTo(rounds / 30);
    }
}
