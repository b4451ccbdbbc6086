package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.model.EventBatch;
import io.plumbline.model.ProcessEvent;
import io.plumbline.model.ProcessEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessEventsTest {

    /** {@code cat} ends when it is told to, so that each of its events is read before the next one happens. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void processIsToldOfWithTheClockOfThisJvm(boolean ring) throws IOException {
        try (ProcessEvents events = open(ring)) {
            long before = System.nanoTime();
            Process child = new ProcessBuilder("cat").start();
            List<ProcessEvent> told = until(Kind.EXEC, child.pid(), events);
            child.getOutputStream().close();
            told.addAll(until(Kind.EXIT, child.pid(), events));
            assertThat(told).extracting(ProcessEvent::kind).contains(Kind.EXEC, Kind.EXIT);
            assertThat(told)
                    .extracting(ProcessEvent::monotonicNanos)
                    .allSatisfy(at -> assertThat(at).isBetween(before, System.nanoTime()));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void wholeLifeIsOneEvent(boolean ring) throws IOException, InterruptedException {
        try (ProcessEvents events = open(ring)) {
            Process child = new ProcessBuilder("true").start();
            child.waitFor();
            assertThat(until(Kind.LIFE, child.pid(), events))
                    .extracting(ProcessEvent::kind)
                    .containsExactly(Kind.LIFE);
        }
    }

    private static List<ProcessEvent> until(Kind last, long pid, ProcessEvents events) throws IOException {
        List<ProcessEvent> told = new ArrayList<>();
        for (int i = 0; i < 200 && told.stream().noneMatch(event -> event.kind() == last); i++) {
            EventBatch batch = events.next(Duration.ofMillis(100));
            batch.events().stream().filter(event -> event.pid() == pid).forEach(told::add);
        }
        return told;
    }

    @Test
    void saysByWhatItHears() throws IOException {
        try (ProcessEvents connector = open(false)) {
            assertThat(connector.backend()).isEqualTo("connector: not asked for");
        }
    }

    @Test
    void capturedTreeHasNone(@TempDir Path directory) throws IOException {
        Assumptions.assumeTrue(Backend.library().isAvailable());
        Files.createDirectories(directory.resolve("1"));
        assertThatThrownBy(() -> ProcessEvents.of(new ProcRoot(directory, Optional.empty()), true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the node's network namespace cannot be entered: ENOENT");
    }

    private static ProcessEvents open(boolean ring) {
        Assumptions.assumeTrue(Backend.library().isAvailable());
        try {
            ProcessEvents events = ProcessEvents.of(ProcRoot.ofThisMachine(), ring);
            if (ring && !events.backend().equals("ring")) {
                events.close();
                throw new IOException(events.backend());
            }
            return events;
        } catch (IOException e) {
            Assumptions.abort("the kernel tells nothing here: " + e.getMessage());
            throw new IllegalStateException(e);
        }
    }
}
