package io.plumbline.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Counts system calls with strace(1).
 *
 * @param program its path
 * @param result a file that it may write to
 */
record Strace(String program, Path result) {

    /** Something to do while a process is watched. */
    interface Work {
        void run() throws BenchException, IOException;
    }

    /** Of a program and its children, from start to end. */
    double count(List<String> command) throws BenchException, IOException {
        return count(command, Set.of(0));
    }

    double count(List<String> command, Set<Integer> good) throws BenchException, IOException {
        List<String> traced = new ArrayList<>(List.of(program, "-f", "-c", "-o", result.toString()));
        traced.addAll(command);
        Programs.run(traced, good);
        return total();
    }

    /** Of all threads of a process while the work is done. */
    double count(long pid, Work work) throws BenchException, IOException {
        Process strace = new ProcessBuilder(program, "-f", "-c", "-o", result.toString(), "-p", Long.toString(pid))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        var messages = new BufferedReader(new InputStreamReader(strace.getErrorStream(), StandardCharsets.UTF_8));
        try {
            String attached = messages.readLine();
            if (attached == null || !attached.contains("attached")) {
                throw new BenchException("strace cannot attach: " + attached);
            }
            work.run();
        } finally {
            // Not Process.destroy, which closes the pipe: strace tells of every thread that it leaves.
            strace.toHandle().destroy();
            while (messages.readLine() != null) {}
        }
        return total();
    }

    /** {@code 100.00    0.006621           3      1926       344 total} */
    private double total() throws BenchException, IOException {
        for (String line : Files.readAllLines(result)) {
            String[] words = line.strip().split(" +", -1);
            if (words.length >= 5 && words[words.length - 1].equals("total")) {
                return Double.parseDouble(words[3]);
            }
        }
        throw new BenchException("strace counted nothing");
    }
}
