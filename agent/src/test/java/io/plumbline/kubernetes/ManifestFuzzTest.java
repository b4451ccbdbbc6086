package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged manifests: they are read or refused with one clean line, and always soon. */
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

    private static final String[] PIECES = {
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
        "kind: List\nitems: "
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedManifestIsReadOrRefusedInOneLine(long seed) {
        Random random = new Random(seed);
        ManifestReader reader = new ManifestReader();
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            int read = 0;
            int refused = 0;
            for (int round = 0; round < 3000; round++) {
                byte[] damaged = damage((round % 2 == 0 ? YAML : JSON).getBytes(UTF_8), random);
                try {
                    reader.read(
                            new ByteArrayInputStream(damaged),
                            manifest -> assertThat(manifest.kind()).isNotEmpty());
                    read++;
                } catch (ManifestException e) {
                    refused++;
                    assertThat(e.getMessage()).isNotBlank().doesNotMatch("(?s).*\\p{Cntrl}.*");
                    assertThat(e.getMessage().length()).isLessThan(1500);
                }
            }
            // else the damage is none, or the manifests are none
            assertThat(read).isGreaterThan(100);
            assertThat(refused).isGreaterThan(100);
        });
    }

    private static byte[] damage(byte[] text, Random random) {
        byte[] damaged = text;
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(damaged.length);
            switch (random.nextInt(4)) {
                case 0 -> damaged = Arrays.copyOf(damaged, Math.max(1, at));
                case 1 -> {
                    damaged = damaged.clone();
                    damaged[at] = (byte) random.nextInt(256);
                }
                case 2 -> damaged = splice(damaged, at, at, PIECES[random.nextInt(PIECES.length)]);
                default ->
                    damaged = splice(
                            damaged,
                            at,
                            Math.min(damaged.length, at + random.nextInt(20)),
                            PIECES[random.nextInt(PIECES.length)]);
            }
        }
        return damaged;
    }

    private static byte[] splice(byte[] text, int from, int to, String piece) {
        byte[] middle = piece.getBytes(UTF_8);
        byte[] spliced = Arrays.copyOf(text, from + middle.length + text.length - to);
        System.arraycopy(middle, 0, spliced, from, middle.length);
        System.arraycopy(text, to, spliced, from + middle.length, text.length - to);
        return spliced;
    }
}
