package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Severity;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.AbstractList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemembranceTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    @TempDir
    private Path directory;

    private final List<Optional<String>> told = new CopyOnWriteArrayList<>();
    private StateFile file;
    private Remembrance remembrance;

    @BeforeEach
    void open() throws IOException {
        file = StateFile.in(directory);
        remembrance = new Remembrance(
                Optional.of(file), () -> told.add(remembrance.state().trouble()));
    }

    @AfterEach
    void close() {
        remembrance.close();
        file.close();
    }

    @Test
    void whatOpensIsWrittenSoonThoughSomethingElseHasJustBeenWritten() {
        remembrance.keep(List::of, false, NOON);
        await().until(() -> Files.exists(directory.resolve("findings.json")));
        remembrance.keep(() -> findings(3), true, NOON);
        await().until(() -> written().equals(findings(3)));
    }

    @Test
    void ofWhatComesAndGoesTheLastIsWritten() {
        for (int count = 1; count <= 500; count++) {
            List<OpenFinding> open = findings(count);
            remembrance.keep(() -> open, true, NOON.plusMillis(count));
        }
        await().until(() -> written().equals(findings(500)));
    }

    @Test
    void whatIsStillToBeWrittenAtTheEndIsWrittenAndNothingAfterIt() throws IOException {
        remembrance.keep(() -> findings(1), true, NOON);
        remembrance.keep(() -> findings(2), true, NOON);
        remembrance.keep(() -> findings(3), true, NOON);
        remembrance.close();
        assertThat(written()).isEqualTo(findings(3));
        remembrance.keep(() -> findings(4), true, NOON);
        assertThat(written()).isEqualTo(findings(3));
    }

    @Test
    void whatCouldNotBeWrittenIsSaidAndTriedAgain() throws IOException {
        Path obstacle = Files.createDirectories(directory.resolve("findings.json/obstacle"));
        remembrance.keep(() -> findings(1), true, NOON);
        await().until(() -> remembrance.state().trouble().isPresent());
        assertThat(remembrance.state().trouble().orElseThrow()).contains("findings.json: cannot be written");
        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        await().until(() -> told.size() == 2);
        assertThat(remembrance.state().trouble()).isEmpty();
        assertThat(written()).isEqualTo(findings(1));
        assertThat(told.get(0)).isPresent();
        assertThat(told.get(1)).isEmpty();
    }

    @Test
    void ofWhatCouldNotBeWrittenTheNewestIsTriedAgain() throws IOException {
        Path obstacle = Files.createDirectories(directory.resolve("findings.json/obstacle"));
        remembrance.keep(() -> findings(1), true, NOON);
        await().until(() -> remembrance.state().trouble().isPresent());
        remembrance.keep(() -> findings(2), true, NOON);
        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        await().until(() -> remembrance.state().trouble().isEmpty());
        assertThat(written()).isEqualTo(findings(2));
    }

    @Test
    void aBugInAWriteIsTroubleAndTriedAgain() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        remembrance.keep(
                () -> new AbstractList<>() {
                    @Override
                    public OpenFinding get(int index) {
                        if (asked.getAndIncrement() == 0) {
                            throw new IllegalStateException("odd");
                        }
                        return findings(1).get(index);
                    }

                    @Override
                    public int size() {
                        return 1;
                    }
                },
                true,
                NOON);
        await().until(() -> told.size() == 2);
        assertThat(told).containsExactly(Optional.of("bug: java.lang.IllegalStateException: odd"), Optional.empty());
        assertThat(written()).isEqualTo(findings(1));
    }

    private List<OpenFinding> written() throws IOException {
        return file.read().open();
    }

    private static List<OpenFinding> findings(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> new OpenFinding(
                        String.format("%03d", number),
                        FindingKind.DRIFT,
                        "seccomp",
                        Severity.HIGH,
                        ContainerIdentity.NODE,
                        NOON,
                        NOON))
                .toList();
    }
}
