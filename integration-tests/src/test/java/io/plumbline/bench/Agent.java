package io.plumbline.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A JVM with {@link WarmScans}, under the flags that this one has from the launcher: those of {@code plumbline scan}. */
final class Agent implements AutoCloseable {

    private final Process process;
    private final BufferedWriter questions;
    private final BufferedReader answers;

    private Agent(Process process) {
        this.process = process;
        this.questions = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        this.answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static Agent start(Path pods) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), WarmScans.class.getName()));
        command.add(pods.toString());
        return new Agent(new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
    }

    /**
     * The answer to one question.
     *
     * @param cpuNanos of the median scan
     * @param allocated bytes, of the median scan
     * @param processes in the last scan
     * @param containers in the last scan, where containers are asked for
     * @param backend how /proc was read
     */
    record Scans(double cpuNanos, long allocated, int processes, int containers, String backend) {}

    Scans scan(WarmScans.Kind kind, int times) throws BenchException, IOException {
        questions.write(kind + " " + times + "\n");
        questions.flush();
        String line = answers.readLine();
        if (line == null) {
            throw new BenchException("the agent's JVM ended in the middle of a scan");
        }
        String[] words = line.split(" ", 5);
        return new Scans(
                Double.parseDouble(words[0]),
                Long.parseLong(words[1]),
                Integer.parseInt(words[2]),
                Integer.parseInt(words[3]),
                words[4]);
    }

    long pid() {
        return process.pid();
    }

    /** It ends when nobody can ask any more. */
    @Override
    public void close() {
        try {
            questions.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroy();
            }
        } catch (IOException e) {
            process.destroy();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
