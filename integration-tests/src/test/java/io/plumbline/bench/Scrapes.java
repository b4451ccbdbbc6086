package io.plumbline.bench;

import java.io.IOException;

/** Scrapes of an exporter that has run for a while. */
record Scrapes(String name, Exporter exporter) implements Subject {

    private static final int TIMES = 3;

    @Override
    public Sample measure() throws IOException {
        long before = exporter.cpuNanos();
        for (int i = 0; i < TIMES; i++) {
            exporter.scrape();
        }
        return new Sample((exporter.cpuNanos() - before) / (double) TIMES, 0, -1);
    }

    @Override
    public double systemCalls(Strace strace) throws BenchException, IOException {
        return strace.count(exporter.pid(), exporter::scrape);
    }
}
