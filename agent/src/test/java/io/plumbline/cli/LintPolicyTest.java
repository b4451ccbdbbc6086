package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.cli.Commands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plumbline lint --policy}: the answer of PodSecurityPolicy admission, on manifests. */
class LintPolicyTest {

    private static final String SEED = "../docs/examples/book/psp-default.yaml";

    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: kubia}
            spec: {containers: [{name: main, image: luksa/kubia, ports: [{containerPort: 8080, hostPort: %d}]}]}
            """;

    @TempDir
    private Path directory;

    private String inRange;
    private String outside;

    @BeforeEach
    void write() throws IOException {
        inRange = Files.writeString(directory.resolve("in.yaml"), POD.formatted(10500))
                .toString();
        outside = Files.writeString(directory.resolve("out.yaml"), POD.formatted(9000))
                .toString();
    }

    @Test
    void policyAloneDecidesUnlessALevelIsAskedForToo() {
        assertThat(Commands.run("lint", "--policy", SEED, inRange).status()).isZero();
        assertThat(Commands.run("lint", "--policy", SEED, outside).status()).isEqualTo(ExitStatus.FOUND);
        assertThat(Commands.run("lint", "--policy", SEED, "--level", "baseline", inRange)
                        .status())
                .isEqualTo(ExitStatus.FOUND);
    }

    @Test
    void jsonNamesTheChecksThatRefuse() throws IOException {
        JsonNode document = new ObjectMapper()
                .readTree(Commands.run("lint", "--output", "json", "--policy", SEED, outside)
                        .out())
                .at("/files/0/documents/0");

        assertThat(document.get("allowed").asBoolean()).isFalse();
        assertThat(document.at("/violations/0/check").asText()).isEqualTo("host-ports");
        assertThat(document.at("/violations/0/message").asText())
                .isEqualTo("hostPort 9000 is in no allowed range in container \"main\". Use a port of 10000-11000,"
                        + " 13000-14000.");
    }

    @Test
    void tableNamesThePolicy() {
        assertThat(Commands.run("lint", "--policy", SEED, inRange).out()).contains("PodSecurityPolicy default");
    }

    @Test
    void brokenPolicyIsOneLineAndNothingIsJudged() throws IOException {
        Path broken = Files.writeString(
                directory.resolve("broken"),
                "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nspec: {privilegd: 1}");

        Result result = Commands.run("lint", "--policy", broken.toString(), inRange);

        assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .isEqualTo(
                        "plumbline lint: --policy: " + broken + ": line 3, column 8: unknown field 'spec.privilegd'\n");
    }
}
