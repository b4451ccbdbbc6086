package io.plumbline.bench;

import java.io.IOException;

/** Scans of an agent that has run for a while. */
record WarmAgent(String name, Agent agent, WarmScans.Kind kind) implements Subject {

    private static final int TIMES = 3;

    @Override
    public Sample measure() throws BenchException, IOException {
        Agent.Scans scans = agent.scan(kind, TIMES);
        return new Sample(scans.cpuNanos(), scans.processes(), scans.allocated());
    }

    @Override
    public double systemCalls(Strace strace) throws BenchException, IOException {
        return strace.count(agent.pid(), () -> agent.scan(kind, TIMES)) / TIMES;
    }
}
