package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.apparmor.ParserProgram.Limits;
import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileCompilerTest {

    private static final String SIGNAL = "#include <tunables/global>\nprofile x { signal, file, }\n";

    @Test
    void bytesAreThoseThatTheNodeItselfCompiles() throws IOException {
        CompiledPolicy policy = Parser.policy(Parser.text("profiles/2-k8s-apparmor-example-deny-write.apparmor"));

        assertThat(policy.profiles()).singleElement().satisfies(profile -> {
            assertThat(profile.name()).isEqualTo("k8s-apparmor-example-deny-write");
            assertThat(profile.mode()).isEqualTo("enforce");
            assertThat(profile.attaches()).isFalse();
        });
        if (Parser.program().version().equals("3.0.8")) {
            assertThat(policy.sha256()).isEqualTo("75b14fe64e9984f901a7597ae9f863645f631b72fdc97a7c8c3e57afc724bc4a");
            // What the captured kernel showed as raw_sha1 of the same profile, compiled there.
            assertThat(policy.sha1()).hasSize(40);
        }
    }

    @Test
    void namesAndModesComeFromTheCompiledPolicy() throws IOException {
        CompiledPolicy policy = Parser.policy("""
                #include <tunables/global>
                profile a flags=(complain) { signal, profile child { file, } ^hat { file, } }
                profile b flags=(kill) { signal, }
                profile c flags=(unconfined) { signal, }
                """);

        assertThat(policy.profiles())
                .extracting(profile -> profile.name() + " " + profile.mode())
                .contains("a complain", "a//child enforce", "b kill", "c unconfined")
                .anyMatch(name -> name.startsWith("a//hat "));
    }

    @Test
    void syntaxErrorHasLineAndColumn() throws IOException {
        assertThat(Parser.compile("p", Parser.text("profiles/6-syntax-error.apparmor"))
                        .errors())
                .singleElement()
                .satisfies(error -> {
                    assertThat(error.line()).isEqualTo(6);
                    assertThat(error.column()).isEqualTo(3);
                    assertThat(error.text()).contains("syntax error").contains("comma");
                });
        assertThat(Parser.compile("p", Parser.text("profiles/7-seed-as-printed.apparmor"))
                        .errors())
                .containsExactly(new ProfileError("p", 2, 48, "Invalid profile flag: attach\\_disconnected."));
        assertThat(Parser.compile("p", "profile x {\n  signal,\n  capability nosuch,\n}\n")
                        .errors())
                .containsExactly(new ProfileError("p", 3, 14, "Invalid capability nosuch."));
    }

    @Test
    void aProfileThatNobodyCouldStopIsRefused() throws IOException {
        assertThat(Parser.compile("p", Parser.text("profiles/8-no-signal.apparmor"))
                        .errors())
                .singleElement()
                .satisfies(error -> assertThat(error.text()).contains("nobody could stop"));
        assertThat(Parser.compile("p", "profile x { file, deny signal, signal (send), }\n")
                        .errors())
                .hasSize(1);
        assertThat(Parser.compile("p", "profile x { file, signal (send, receive), }\n")
                        .errors())
                .isEmpty();
    }

    @Test
    void aComplainingProfileWithoutSignalsIsOnlyUnwise() throws IOException {
        CompiledSource answer = Parser.compile("p", "profile x flags=(complain) { file, }\n");

        assertThat(answer.errors()).isEmpty();
        assertThat(answer.warnings()).hasSize(1);
    }

    @Test
    void namesThatCouldBlockTheNodeAreRefused() throws IOException {
        for (String name : List.of(
                "unconfined",
                "cri-containerd.apparmor.d",
                "docker-default",
                "runc",
                "plumbline-anchor",
                "/usr/bin/x",
                "..",
                "\"x (complain)\"",
                "x".repeat(201),
                "a/b",
                ":ns:x")) {
            CompiledSource answer = Parser.compile("p", "profile " + name + " { signal, }\n");
            assertThat(answer.errors()).as(name).isNotEmpty();
            assertThat(answer.policy()).as(name).isEmpty();
        }
        assertThat(Parser.compile("p", "profile " + "x".repeat(200) + " { signal, }\n")
                        .errors())
                .isEmpty();
    }

    @Test
    void aProfileThatAttachesItselfToProgramsIsRefused() throws IOException {
        assertThat(Parser.compile("p", "profile x /usr/bin/** { signal, }\n").errors())
                .singleElement()
                .satisfies(error -> assertThat(error.text()).contains("attaches"));
        assertThat(Parser.compile("p", "profile x /usr/bin/foo { signal, }\n").errors())
                .singleElement()
                .satisfies(error -> assertThat(error.text()).contains("attaches"));
    }

    @Test
    void filesOutsideOfTheParsersFolderAreNotIncluded() throws IOException {
        for (String include : List.of(
                "#include \"/etc/passwd\"",
                "include </etc/passwd>",
                "include if exists \"/etc/passwd\"",
                "#include <../passwd>",
                "file, include <abstractions/../../passwd>",
                "include /etc/passwd")) {
            assertThat(Parser.compile("p", "profile x {\n signal,\n " + include + "\n}\n")
                            .errors())
                    .as(include)
                    .singleElement()
                    .satisfies(error -> {
                        assertThat(error.text()).contains("refused");
                        assertThat(error.line()).isEqualTo(3);
                    });
        }
        assertThat(Parser.compile("p", "abi \"/etc/passwd\",\n" + SIGNAL).errors())
                .hasSize(1);
        assertThat(Parser.compile("p", "# include of /etc/passwd is refused\n" + SIGNAL)
                        .errors())
                .isEmpty();
    }

    @Test
    void whatIsNoTextIsRefused() throws IOException {
        assertThat(Parser.compile("p", "profile x { signal, }\0").errors()).hasSize(1);
        assertThat(Parser.compiler(Optional.empty())
                        .compile(ProfileSource.of("p", new byte[] {(byte) 0xff, (byte) 0xfe}))
                        .errors())
                .hasSize(1);
        assertThat(Parser.compile("p", "").errors())
                .singleElement()
                .satisfies(error -> assertThat(error.text()).contains("no profile"));
    }

    @Test
    void aParserThatTakesTooLongIsEnded() throws IOException {
        String rules = IntStream.range(0, 4000)
                .mapToObj(i -> "  deny /srv/" + Integer.toHexString(i * 7919) + "x".repeat(200) + "*/" + i + "/** w,\n")
                .collect(Collectors.joining());
        ProfileCompiler hasty = new ProfileCompiler(
                Parser.program(new Limits(Duration.ofSeconds(1), 1L << 30)),
                ProfileCompiler.USUAL_BASE,
                KernelFeatures.NONE,
                Optional.empty());
        long start = System.nanoTime();

        CompiledSource answer = hasty.compile(
                ProfileSource.of("p", ("profile x {\n  signal,\n" + rules + "}\n").getBytes(StandardCharsets.UTF_8)));

        assertThat(answer.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.text()).containsAnyOf("longer than 1 s", "ended by signal"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    }

    /** Also if it has long been up when the limits are set, which a busy machine does: then a worker of its own would have none. */
    @RepeatedTest(5)
    void aParserThatTakesTooMuchMemoryIsEnded() throws IOException {
        ProfileCompiler poor = new ProfileCompiler(
                Parser.program(new Limits(Duration.ofSeconds(20), 8L << 20)),
                ProfileCompiler.USUAL_BASE,
                KernelFeatures.NONE,
                Optional.empty());
        String rules = IntStream.range(0, 400)
                .mapToObj(i -> "  deny /srv/" + i + "y".repeat(100) + "*/" + i + "/** w,\n")
                .collect(Collectors.joining());

        assertThat(poor.compile(ProfileSource.of(
                                "p", ("profile x {\n  signal,\n" + rules + "}\n").getBytes(StandardCharsets.UTF_8)))
                        .errors())
                .singleElement()
                .satisfies(error -> assertThat(error.text()).contains("8 MiB"));
    }

    @Test
    void anotherProgramIsNoParser() {
        assertThatThrownBy(() -> ParserProgram.at(Path.of("/bin/true"), Limits.USUAL))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no apparmor_parser");
        assertThatThrownBy(() -> ParserProgram.at(Path.of("/nosuch/parser"), Limits.USUAL))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("/nosuch/parser");
    }

    @Test
    void damagedPolicyIsNeverRead() throws Exception {
        byte[] good = Parser.policy(SIGNAL).bytes();
        for (int length = 1; length < good.length; length += 7) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatThrownBy(() -> CompiledPolicy.read(cut)).isInstanceOf(MalformedPolicyException.class);
        }
        assertThatThrownBy(() -> CompiledPolicy.read("profile x { }".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedPolicyException.class);
        for (int at = 0; at < good.length; at++) {
            byte[] other = good.clone();
            other[at] ^= 0x55;
            try {
                CompiledPolicy.read(other);
            } catch (MalformedPolicyException e) {
                assertThat(e).hasMessageMatching(".+");
            }
        }
    }

    @Test
    void whatWasCompiledOnceIsTakenFromTheCacheAndADamagedFileIsNot(@TempDir Path directory) throws IOException {
        CompileCache cache = CompileCache.in(directory.resolve("cache"));
        ProfileSource source = ProfileSource.of("p", SIGNAL.getBytes(StandardCharsets.UTF_8));
        byte[] first = compile(cache, source);
        Path file;
        try (var files = Files.list(directory.resolve("cache"))) {
            file = files.findFirst().orElseThrow();
        }
        // In the cache's own form, so that it shows who answered.
        byte[] other = Parser.policy("profile other { signal, }\n").bytes();
        cache.put(file.getFileName().toString().replace(".policy", ""), other);
        assertThat(compile(cache, source)).isEqualTo(other);

        byte[] damaged = Files.readAllBytes(file);
        damaged[damaged.length - 1] ^= 1;
        Files.write(file, damaged);
        assertThat(compile(cache, source)).isEqualTo(first);
    }

    @Test
    void theModeIsSaidInOnePlace() throws IOException {
        assertThat(inMode("profile x { signal, }\n", ProfileSource.Mode.COMPLAIN)
                        .profiles())
                .containsExactly("x (complain)");
        assertThat(inMode("profile x { signal, }\n", ProfileSource.Mode.ENFORCE).profiles())
                .containsExactly("x (enforce)");
        assertThat(inMode("profile x flags=(complain) { signal, }\n", ProfileSource.Mode.OF_TEXT)
                        .profiles())
                .containsExactly("x (complain)");
        assertThat(inMode("\nprofile x flags=(attach_disconnected,complain) { signal, }\n", ProfileSource.Mode.ENFORCE)
                        .errors())
                .singleElement()
                .satisfies(error -> {
                    assertThat(error.line()).isEqualTo(2);
                    assertThat(error.text()).contains("'x' is in mode complain").contains("take the flag out");
                });
    }

    @Test
    void whatIsPutIntoComplainModeIsByteForByteWhatTheParserMakesOfTheFlag() throws IOException {
        String text = """
            abi <abi/3.0>,
            profile a FLAG {
              signal, file, capability, deny /x w,
              profile kid FLAG { file, }
              ^hat FLAG { signal, }
            }
            profile b FLAG { signal, unix, }
            """;
        CompiledSource ours = inMode(text.replace("FLAG", ""), ProfileSource.Mode.COMPLAIN);
        CompiledSource theirs = inMode(text.replace("FLAG", "flags=(complain)"), ProfileSource.Mode.OF_TEXT);
        assertThat(ours.profiles())
                .containsExactlyInAnyOrder("a (complain)", "a//kid (complain)", "a//hat (complain)", "b (complain)");
        assertThat(ours.policy().orElseThrow().bytes())
                .isEqualTo(theirs.policy().orElseThrow().bytes());
    }

    private static CompiledSource inMode(String text, ProfileSource.Mode mode) throws IOException {
        return Parser.compiler(Optional.empty()).compile(ProfileSource.of("p", text, false, mode));
    }

    private static byte[] compile(CompileCache cache, ProfileSource source) throws IOException {
        return Parser.compiler(Optional.of(cache))
                .compile(source)
                .policy()
                .orElseThrow()
                .bytes();
    }
}
