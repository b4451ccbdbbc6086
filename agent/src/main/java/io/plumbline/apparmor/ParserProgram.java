package io.plumbline.apparmor;

import io.plumbline.kernel.ChildLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * apparmor_parser(8), the only program that compiles profiles, as a child on a short leash: no shell, no environment, text by standard
 * input and policy by standard output, so that it writes no file; bounded memory, time and output.
 */
public final class ParserProgram {

    /** Where distributions put it. */
    private static final List<Path> USUAL =
            List.of(Path.of("/usr/sbin/apparmor_parser"), Path.of("/sbin/apparmor_parser"));

    private static final Pattern VERSION = Pattern.compile("version (\\d+)\\.(\\d+)\\S*");
    private static final List<String> NO_MEMORY =
            List.of("bad_alloc", "Out of memory", "Memory allocation", "Cannot allocate memory", "cannot map");
    private static final Duration VERSION_TIME = Duration.ofSeconds(20);
    private static final int LONGEST_MESSAGES = 64 << 10;
    private static final int LARGEST_POLICY = 64 << 20;

    private final Path program;
    private final String version;
    private final int major;
    private final Limits limits;

    private ParserProgram(Path program, String version, int major, Limits limits) {
        this.program = program;
        this.version = version;
        this.major = major;
        this.limits = limits;
    }

    /**
     * What one run may take.
     *
     * @param time after which it is killed
     * @param bytes of address space
     */
    public record Limits(Duration time, long bytes) {
        /** A thousand small profiles in one file take 13 s. */
        public static final Limits USUAL = new Limits(Duration.ofSeconds(60), 1L << 30);
    }

    /** The program in its usual places; empty if there is none. */
    public static Optional<Path> usual() {
        return USUAL.stream().filter(Files::isExecutable).findFirst();
    }

    /**
     * Asks a program for its version.
     *
     * @throws IOException if it cannot be started, or is no apparmor_parser; says which
     */
    public static ParserProgram at(Path program, Limits limits) throws IOException {
        ParserProgram asked = new ParserProgram(program, "", 0, new Limits(VERSION_TIME, limits.bytes()));
        ParserRun answer = asked.run(List.of("--version"), new byte[0]);
        String said = new String(answer.output(), StandardCharsets.UTF_8);
        Matcher version = VERSION.matcher(said);
        if (!said.contains("AppArmor parser") || !version.find()) {
            throw new IOException(program + ": is no apparmor_parser: it answers --version with '"
                    + said.lines().findFirst().orElse(answer.stopped().orElse("nothing")) + "'");
        }
        return new ParserProgram(
                program, version.group().substring("version ".length()), Integer.parseInt(version.group(1)), limits);
    }

    /** As it says itself, such as 3.0.8. */
    public String version() {
        return version;
    }

    /** Where it is. */
    public Path program() {
        return program;
    }

    /**
     * Compiles, and loads nothing.
     *
     * @param features the kernel's features, a file or a directory; empty where the parser is to guess
     * @param base where it looks for what is included
     */
    ParserRun compile(byte[] text, Optional<Path> features, Path base) throws IOException {
        // Without jobs it compiles by itself: a worker that it had started already would have none of the limits.
        List<String> words = new ArrayList<>(List.of("--skip-kernel-load", "--skip-cache", "--stdout", "--jobs=0"));
        words.add("--base=" + base);
        // Since 3.0; before, the same option had another name.
        features.ifPresent(file -> words.add((major >= 3 ? "--kernel-features=" : "--features-file=") + file));
        return run(words, text);
    }

    private ParserRun run(List<String> words, byte[] input) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(words);
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(Path.of("/").toFile());
        builder.environment().clear();
        builder.environment().put("LC_ALL", "C");
        Process child = start(builder);
        try {
            // It cannot have done much: it waits for the text.
            ChildLimits.set(child.pid(), limits.bytes(), limits.time());
            CompletableFuture<byte[]> output = drain(child.getInputStream(), LARGEST_POLICY);
            CompletableFuture<byte[]> messages = drain(child.getErrorStream(), LONGEST_MESSAGES);
            CompletableFuture<Void> fed = CompletableFuture.runAsync(() -> feed(child, input));
            if (!child.waitFor(limits.time().toMillis(), TimeUnit.MILLISECONDS)) {
                child.descendants().forEach(ProcessHandle::destroyForcibly);
                return new ParserRun(
                        -1,
                        new byte[0],
                        "",
                        Optional.of("takes longer than " + limits.time().toSeconds() + " s"));
            }
            byte[] policy = output.get(limits.time().toMillis(), TimeUnit.MILLISECONDS);
            String said =
                    new String(messages.get(limits.time().toMillis(), TimeUnit.MILLISECONDS), StandardCharsets.UTF_8);
            fed.cancel(true);
            return new ParserRun(child.exitValue(), policy, said, stopped(child.exitValue(), policy, said));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(program + ": interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(program + ": its output cannot be read: " + e.getMessage(), e);
        } finally {
            child.destroyForcibly();
        }
    }

    private Process start(ProcessBuilder builder) throws IOException {
        if (!Files.isExecutable(program)) {
            throw new IOException(program + ": " + (Files.exists(program) ? "cannot be executed" : "no such file"));
        }
        return builder.start();
    }

    /** 128 and the signal's number; a child without memory aborts or says so and ends with 1. */
    private Optional<String> stopped(int status, byte[] output, String said) {
        if (output.length >= LARGEST_POLICY) {
            return Optional.of("gives more than " + (LARGEST_POLICY >> 20) + " MiB");
        }
        if (status != 0 && NO_MEMORY.stream().anyMatch(said::contains)) {
            return Optional.of("needs more than " + (limits.bytes() >> 20) + " MiB");
        }
        return status > 128 && status <= 128 + 64
                ? Optional.of("was ended by signal " + (status - 128) + "; it may use " + (limits.bytes() >> 20)
                        + " MiB and " + limits.time().toSeconds() + " s")
                : Optional.empty();
    }

    private static void feed(Process child, byte[] input) {
        try (OutputStream in = child.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // It ended before it had read all: what it says then is the answer.
        }
    }

    /** Reads to the end, and keeps no more than the limit. */
    private static CompletableFuture<byte[]> drain(InputStream stream, int limit) {
        return CompletableFuture.supplyAsync(() -> {
            try (stream) {
                byte[] kept = stream.readNBytes(limit);
                stream.skip(Long.MAX_VALUE);
                return kept;
            } catch (IOException e) {
                return new byte[0];
            }
        });
    }
}
