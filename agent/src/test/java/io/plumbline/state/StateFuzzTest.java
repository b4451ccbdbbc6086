package io.plumbline.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Fuzz;
import io.plumbline.Noise;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state file of an agent that died, of a disk that was full, or of somebody else. */
@Tag("fuzz")
class StateFuzzTest {

    private static final List<String> WORDS = Noise.json(
            "\"open\":",
            "\"version\":1",
            "\"version\":2",
            "\"severity\":\"high\"",
            "\"kind\":\"drift\"",
            "+1000000000-01-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "\"firstSeen\":",
            "[[[[[[[[",
            "\ufeff");

    @TempDir
    private Path directory;

    @Test
    void spoiledFileIsReadOrKeptAsideAndTheNextIsWritten() throws IOException {
        byte[] real = StateJson.write(findings(3));
        AtomicInteger aside = new AtomicInteger();
        long rounds = Fuzz.of("state").rounds(1500, noise -> {
            Path file = directory.resolve("findings.json");
            Files.write(file, noise.once(10) ? noise.bytes(100) : noise.spoiled(real, WORDS));
            try (StateFile state = StateFile.in(directory)) {
                StateFile.Memory memory = state.read();
                memory.trouble().ifPresent(trouble -> {
                    assertThat(trouble)
                            .startsWith(file + ": ")
                            .doesNotContainPattern("\\p{Cntrl}")
                            .hasSizeLessThan(500);
                    if (trouble.endsWith("leaving them out")) {
                        assertThat(memory.open()).hasSizeLessThan(3);
                        return;
                    }
                    aside.incrementAndGet();
                    assertThat(memory.open()).isEmpty();
                    assertThat(directory.resolve("findings.json.bad")).exists();
                });
                if (noise.once(20)) {
                    state.write(memory.open());
                    assertThat(state.read().open()).hasSameElementsAs(memory.open());
                }
            }
        });
        if (rounds > 100) {
            assertThat(aside.get()).as("damage is seen").isGreaterThan((int) rounds / 4);
        }
    }

    /** Names come from the cluster and from workloads. */
    @Test
    void whateverIsRememberedComesBack() {
        Fuzz.of("remembered").rounds(500, noise -> {
            List<OpenFinding> open = new ArrayList<>();
            for (int i = noise.below(4); i >= 0; i--) {
                open.add(finding(i, noise));
            }
            assertThat(StateJson.read(StateJson.write(open))).isEqualTo(new StateJson.Contents(open, Optional.empty()));
        });
    }

    private static OpenFinding finding(int number, Noise noise) {
        return new OpenFinding(
                "id" + number,
                noise.one(FindingKind.values()),
                noise.text().replace("\ud800", ""),
                noise.one(Severity.values()),
                new ContainerIdentity(
                        noise.text().replace("\ud800", ""),
                        noise.text().replace("\ud800", ""),
                        "u",
                        noise.once(2) ? Optional.empty() : Optional.of("c"),
                        "i",
                        "r"),
                Instant.ofEpochSecond(noise.upTo(253_402_300_799L), noise.below(1_000_000_000)),
                Instant.EPOCH);
    }

    private static List<OpenFinding> findings(int count) {
        List<OpenFinding> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(new OpenFinding(
                    "b1946ac9249" + i,
                    FindingKind.DRIFT,
                    "capabilities",
                    Severity.CRITICAL,
                    new ContainerIdentity("shop", "web-" + i, "uid", Optional.of("main"), "0123abcd", "containerd"),
                    Instant.parse("2026-11-20T21:48:01Z"),
                    Instant.parse("2026-11-20T21:49:01.5Z")));
        }
        return open;
    }

    @Test
    void deepAndWideDocumentsAreRefusedSoon() {
        Fuzz.of("deep state").rounds(20, noise -> {
            String opening = noise.one("[", "{\"a\":", "{\"version\":1,\"open\":[");
            byte[] deep = opening.repeat(100_000 + noise.below(100_000)).getBytes(UTF_8);
            assertThat(refused(deep)).isTrue();
        });
    }

    private static boolean refused(byte[] bytes) {
        try {
            StateJson.read(bytes);
            return false;
        } catch (MalformedException e) {
            return true;
        }
    }
}
