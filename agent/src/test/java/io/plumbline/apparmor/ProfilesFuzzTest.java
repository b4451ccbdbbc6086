package io.plumbline.apparmor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Fuzz;
import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Profiles that nobody wrote: bane's TOML, AppArmor's text and compiled policy, spoiled. */
@Tag("fuzz")
class ProfilesFuzzTest {

    private static final List<String> TOML = List.of(
            "\n",
            "[",
            "]",
            "[[",
            "=",
            "\"",
            "'",
            "\"\"\"",
            "'''",
            ",",
            ".",
            "#",
            "{",
            "}",
            "true",
            "inf",
            "nan",
            "\\u0000",
            "\\U00110000",
            "1979-05-27T07:32:00Z",
            "1979-13-40",
            "25:61:61",
            "Name = \"x\"\n",
            "[Filesystem]\n",
            "[Network]\n",
            "Raw = 1\n",
            "Protocols = [",
            "[Capabilities]\nAllow = [\n",
            "\"chown\"",
            "\"/**\"",
            "\"@{PROC}/*\"",
            "[a.b.c.d]\n",
            "a.b.c = 1\n",
            "\r",
            "_");
    private static final List<String> PROFILE = List.of(
            "\n",
            "{",
            "}",
            ",",
            "#include <",
            "include \"/etc/shadow\"\n",
            "abi <",
            "profile x ",
            " flags=(",
            "signal,",
            "deny ",
            "/** wx,",
            "\\",
            "\"",
            "@{x}=",
            "^hat {",
            "->",
            "capability ",
            "network ",
            "if ");

    @Test
    void spoiledBaneTomlIsReadOrRejectedWithItsPlace() throws IOException {
        byte[] all = Parser.text("bane/03-all-fields.toml").getBytes(UTF_8);
        byte[] seed = Parser.text("bane/01-seed-snippet.toml").getBytes(UTF_8);
        AtomicInteger rejected = new AtomicInteger();
        long rounds = Fuzz.of("bane").rounds(2000, noise -> {
            String text = new String(noise.spoiled(noise.once(2) ? all : seed, TOML), UTF_8);
            try {
                BaneProfile profile = BaneReader.read("fuzz", text);
                // What gets through is one profile, however it was written.
                for (String rendered : List.of(BaneWriter.modern(profile), BaneWriter.compatible(profile))) {
                    assertThat(rendered.lines().filter(line -> line.startsWith("profile ")))
                            .hasSize(1);
                    assertThat(rendered.lines().filter("}"::equals)).hasSize(1);
                }
            } catch (RejectedProfileException e) {
                rejected.incrementAndGet();
                e.errors().forEach(error -> assertFair(error, text));
            }
        });
        if (rounds > 100) {
            assertThat(rejected.get()).as("damage is seen").isGreaterThan((int) rounds / 4);
        }
    }

    private static void assertFair(ProfileError error, String text) {
        assertThat(error.text())
                .isNotBlank()
                .doesNotContainPattern("\\p{Cntrl}")
                .hasSizeLessThan(2000);
        assertThat((long) error.line())
                .isBetween(0L, text.chars().filter(c -> c == '\n').count() + 1);
    }

    @Test
    void spoiledProfileTextIsLintedWithoutTrouble() throws IOException {
        byte[] real = Parser.text("profiles/3-deny-network.apparmor").getBytes(UTF_8);
        Fuzz.of("profile text").rounds(2000, noise -> {
            String text = new String(noise.spoiled(real, PROFILE), UTF_8);
            SourceText source = new SourceText("fuzz", text);
            SourceLint.forbidden(source, text)
                    .forEach(error -> assertThat(error.text()).isNotBlank());
            SourceLint.advice(source, text)
                    .forEach(error -> assertThat(error.line()).isPositive());
            assertThat(SourceLint.unstoppable(source, text, "")).isNotNull();
        });
    }

    @Test
    void whateverTheParserSaysBecomesErrors() {
        byte[] real = """
                AppArmor parser error for stdin in profile stdin at line 3: syntax error, unexpected TOK_MODE
                AppArmor parser error at line 99999999999: Invalid capability x.
                Warning from stdin (line 1): x
                """.getBytes(UTF_8);
        SourceText source = new SourceText("fuzz", "profile x { capability x, }");
        Fuzz.of("parser's words").rounds(2000, noise -> {
            String text = new String(noise.spoiled(real, PROFILE), UTF_8);
            assertThat(ParserMessages.read(source, text)).hasSizeLessThanOrEqualTo(20);
        });
    }

    @Test
    void spoiledCompiledPolicyIsReadOrMalformed() throws IOException {
        byte[] real =
                Parser.policy(Parser.text("profiles/3-deny-network.apparmor")).bytes();
        AtomicInteger malformed = new AtomicInteger();
        long rounds = Fuzz.of("compiled policy").rounds(2000, noise -> {
            try {
                CompiledPolicy.read(
                        noise.spoiled(real, List.of("\u0007\u0000", "profile\0", "flags\0", "\u0006\uffff")));
            } catch (MalformedPolicyException e) {
                malformed.incrementAndGet();
                assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(200);
            }
        });
        if (rounds > 100) {
            assertThat(malformed.get()).as("damage is seen").isGreaterThan((int) rounds / 10);
        }
    }
}
