package io.plumbline.kernel;

import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.ProcessSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.awaitility.Awaitility;

/** A process of our own that a test looks at; closing ends it and its children. */
record Child(ProcessHandle process) implements AutoCloseable {

    static Child start(String... command) {
        return start(List.of(command));
    }

    static Child start(List<String> command) {
        try {
            return new Child(new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .toHandle());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int pid() {
        return (int) process.pid();
    }

    /** Waits until it runs a program with one of these file names: first it is a copy of this JVM, then a shell perhaps. */
    Child running(String... programs) {
        return when(link -> List.of(programs).contains(link.substring(link.lastIndexOf('/') + 1)));
    }

    /** Waits until the text of its link {@code exe} is so. */
    Child when(Predicate<String> executable) {
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("ended");
            }
            return executable.test(
                    Files.readSymbolicLink(Path.of("/proc/" + pid() + "/exe")).toString());
        });
        return this;
    }

    ProcessSnapshot in(NodeSnapshot node) {
        return find(node, pid()).orElseThrow();
    }

    static Optional<ProcessSnapshot> find(NodeSnapshot node, int pid) {
        return node.processes().stream()
                .filter(candidate -> candidate.pid() == pid)
                .findFirst();
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> !process.isAlive());
    }
}
