package io.plumbline.bench;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** floor_scan or library_scan: warm scans, timed by themselves. */
record ScannerInC(String name, String program, String mode, int pauseMillis) implements Subject {

    ScannerInC(String name, String program, String mode) {
        this(name, program, mode, 0);
    }

    @Override
    public Sample measure() throws BenchException, IOException {
        String line = Programs.output(List.of(program, "-w", "1", "-r", "3", "-s", "" + pauseMillis, mode));
        Map<String, Double> fields = fields(line);
        Double cpu = fields.get("scan_ms");
        Double processes = fields.get("n");
        if (cpu == null || processes == null) {
            throw new BenchException(program + " " + mode + " says nothing of a scan: " + line);
        }
        return new Sample(cpu * 1e6, processes.longValue(), -1);
    }

    /** Of one cold scan, with the start of the program: some fifty calls. */
    @Override
    public double systemCalls(Strace strace) throws BenchException, IOException {
        return strace.count(List.of(program, "-w", "0", "-r", "1", mode));
    }

    private static Map<String, Double> fields(String line) {
        Map<String, Double> fields = new HashMap<>();
        for (String word : line.strip().split(" ", -1)) {
            int equals = word.indexOf('=');
            String value = word.substring(equals + 1);
            if (equals > 0 && value.matches("[0-9.]+")) {
                fields.put(word.substring(0, equals), Double.valueOf(value));
            }
        }
        return fields;
    }
}
