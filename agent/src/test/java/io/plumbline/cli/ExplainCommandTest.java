package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExplainCommandTest {

    @TempDir
    private Path directory;

    @Test
    void ruleOfTheUsersOwnIsExplainedLikeACheck() throws Exception {
        Path rules = Files.writeString(directory.resolve("rules.yaml"), """
                apiVersion: plumbline.io/v1
                kind: PolicyRules
                metadata: {name: house}
                spec:
                  rules:
                  - id: no-root-in-shop
                    severity: high
                    message: Nothing in the namespace shop runs as root
                    remedy: Set runAsUser.
                    expression: pod.namespace != 'shop' || process.effectiveUid != 0
                """);

        Commands.Result one = Commands.run("explain", "--policy", rules.toString(), "no-root-in-shop");
        Commands.Result all = Commands.run("explain", "--policy", rules.toString());

        assertThat(one.out())
                .contains("no-root-in-shop (kind policy, severity high)")
                .contains("Promise   pod.namespace != 'shop' || process.effectiveUid != 0")
                .contains("Reads     pod.namespace, process.effectiveUid")
                .contains("Remedy    Set runAsUser.");
        assertThat(all.out()).contains("no-root-in-shop ").contains("root-user ");
    }

    @Test
    void ruleThatIsNotGivenIsNoCheck() {
        Commands.Result result = Commands.run("explain", "no-root-in-shop");

        assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(result.err()).contains("no check is called 'no-root-in-shop'");
    }

    @Test
    void eachRuleThatDoesNotCompileHasItsLine() throws Exception {
        Path rules = Files.writeString(directory.resolve("rules.yaml"), """
                apiVersion: plumbline.io/v1
                kind: PolicyRules
                metadata: {name: house}
                spec:
                  rules:
                  - {id: one, expression: process.effectiveUid ==}
                  - {id: two, expression: process.nothing == 1}
                """);
        Commands.Result result = Commands.run("explain", "--policy", rules.toString());

        assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("plumbline explain: --policy: " + rules + ": line "));
    }
}
