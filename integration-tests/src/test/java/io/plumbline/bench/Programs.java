package io.plumbline.bench;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Runs programs to their end. */
final class Programs {

    private Programs() {}

    /** What it wrote to its standard output, from which standard error is apart. */
    static String output(List<String> command) throws BenchException, IOException {
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        check(command, process, Set.of(0));
        return output;
    }

    /** Whatever it writes is thrown away. */
    static void run(List<String> command, Set<Integer> good) throws BenchException, IOException {
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        check(command, process, good);
    }

    static Optional<String> find(String name) {
        return Stream.concat(
                        Stream.of(System.getenv().getOrDefault("PATH", "").split(":", -1)),
                        Stream.of("/usr/sbin", "/sbin", "/usr/bin", "/bin"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    private static void check(List<String> command, Process process, Set<Integer> good) throws BenchException {
        try {
            int status = process.waitFor();
            if (!good.contains(status)) {
                throw new BenchException(String.join(" ", command) + ": exit status " + status);
            }
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new BenchException("interrupted");
        }
    }
}
