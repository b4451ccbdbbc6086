package io.plumbline.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A program from its start to its end, and its children with it.
 *
 * @param cpuOf the program that measures another
 * @param result a file that it may write to
 * @param good exit statuses that are no failure
 */
record WholeProgram(String name, String cpuOf, Path result, Set<Integer> good, List<String> command)
        implements Subject {

    @Override
    public Sample measure() throws BenchException, IOException {
        List<String> measured = new ArrayList<>(List.of(cpuOf, result.toString()));
        measured.addAll(command);
        Programs.run(measured, good);
        String[] words = Files.readString(result).strip().split(" ", -1);
        return new Sample(Double.parseDouble(words[0]), 0, -1);
    }

    @Override
    public double systemCalls(Strace strace) throws BenchException, IOException {
        return strace.count(command, good);
    }
}
