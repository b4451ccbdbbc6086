package io.plumbline.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A program of the host, run to its end: its exit status and what it wrote. */
final class Command {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final List<String> arguments;
    private final int status;
    private final byte[] output;
    private final String errors;

    private Command(List<String> arguments, int status, byte[] output, String errors) {
        this.arguments = List.copyOf(arguments);
        this.status = status;
        this.output = output;
        this.errors = errors;
    }

    /** Runs it whatever its status; {@link AssertionError} if it does not end within the limit. */
    static Command run(Duration limit, List<String> arguments) {
        return run(limit, new ProcessBuilder(arguments));
    }

    /**
     * The same with directory and environment. Files take the output instead of pipes: a container that the program
     * leaves behind would hold a pipe open for ever.
     */
    static Command run(Duration limit, ProcessBuilder builder) {
        Path output = null;
        Path errors = null;
        try {
            output = Files.createTempFile("plumbline-it-", ".out");
            errors = Files.createTempFile("plumbline-it-", ".err");
            Process process = builder.redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile())
                    .redirectError(errors.toFile())
                    .start();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(
                        "did not end within " + limit + ": " + builder.command() + "\n" + Files.readString(errors));
            }
            return new Command(
                    builder.command(),
                    process.exitValue(),
                    Files.readAllBytes(output),
                    new String(Files.readAllBytes(errors), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted: " + builder.command(), e);
        } finally {
            delete(output);
            delete(errors);
        }
    }

    /** Runs it, and fails unless it ends well. Returns its standard output without the last line break. */
    static String succeed(String... arguments) {
        return succeed(List.of(arguments));
    }

    static String succeed(List<String> arguments) {
        Command command = run(LIMIT, arguments);
        if (command.status != 0) {
            throw new AssertionError(
                    "status " + command.status + ": " + String.join(" ", arguments) + "\n" + command.errors);
        }
        return command.text().stripTrailing();
    }

    List<String> arguments() {
        return arguments;
    }

    int status() {
        return status;
    }

    /** Standard output as it came, in whatever encoding. */
    ByteBuffer output() {
        return ByteBuffer.wrap(output).asReadOnlyBuffer();
    }

    String errors() {
        return errors;
    }

    String text() {
        return new String(output, StandardCharsets.UTF_8);
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
