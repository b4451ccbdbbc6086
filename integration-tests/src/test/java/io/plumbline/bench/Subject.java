package io.plumbline.bench;

import java.io.IOException;

/** What is measured. */
interface Subject {

    /** A row's name. */
    String name();

    /** One turn. */
    Sample measure() throws BenchException, IOException;

    /** System calls of one scan, counted by strace(1) while nobody looks at the clock. */
    double systemCalls(Strace strace) throws BenchException, IOException;

    /**
     * What one turn found.
     *
     * @param cpuNanos user and system time of one scan
     * @param processes how many it saw; 0 if it does not say
     * @param allocated bytes of the Java heap that one scan took; -1 for a program without one
     */
    record Sample(double cpuNanos, long processes, long allocated) {}
}
