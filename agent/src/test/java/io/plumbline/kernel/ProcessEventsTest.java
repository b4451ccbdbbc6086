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

class ProcessEventsTest {

    @Test
    void processIsToldOfWithTheClockOfThisJvm() throws IOException, InterruptedException {
        try (ProcessEvents events = open()) {
            long before = System.nanoTime();
            Process child = new ProcessBuilder("true").start();
            child.waitFor();
            List<ProcessEvent> told = new ArrayList<>();
            for (int i = 0; i < 200 && told.stream().noneMatch(event -> event.kind() == Kind.EXIT); i++) {
                EventBatch batch = events.next(Duration.ofMillis(100));
                batch.events().stream()
                        .filter(event -> event.pid() == child.pid())
                        .forEach(told::add);
            }
            assertThat(told).extracting(ProcessEvent::kind).contains(Kind.FORK, Kind.EXEC, Kind.EXIT);
            assertThat(told)
                    .extracting(ProcessEvent::monotonicNanos)
                    .allSatisfy(at -> assertThat(at).isBetween(before, System.nanoTime()));
        }
    }

    @Test
    void capturedTreeHasNone(@TempDir Path directory) throws IOException {
        Assumptions.assumeTrue(Backend.library().isAvailable());
        Files.createDirectories(directory.resolve("1"));
        assertThatThrownBy(() -> ProcessEvents.of(new ProcRoot(directory, Optional.empty())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the node's network namespace cannot be entered: ENOENT");
    }

    private static ProcessEvents open() {
        Assumptions.assumeTrue(Backend.library().isAvailable());
        try {
            return ProcessEvents.of(ProcRoot.ofThisMachine());
        } catch (IOException e) {
            Assumptions.abort("the kernel tells nothing here: " + e.getMessage());
            throw new IllegalStateException(e);
        }
    }
}
