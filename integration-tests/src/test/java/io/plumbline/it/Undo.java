package io.plumbline.it;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What has to be taken back when a test is over, in the reverse order of its making. Every step runs, whatever the
 * others do; a step that fails is a leftover on the machine and fails the test.
 *
 * <p>The steps also run when the JVM is told to end in the middle.
 */
final class Undo implements AutoCloseable {
    private final Deque<Step> steps = new ArrayDeque<>();
    private final Thread atExit = new Thread(this::runAll, "undo");

    Undo() {
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    interface Action {
        void run() throws Exception;
    }

    private record Step(String what, Action action) {}

    synchronized void add(String what, Action action) {
        steps.push(new Step(what, action));
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(atExit);
        runAll();
    }

    private synchronized void runAll() {
        var leftovers = new AssertionError("left on the machine");
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.action.run();
            } catch (Exception | AssertionError e) {
                leftovers.addSuppressed(new AssertionError(step.what, e));
            }
        }
        if (leftovers.getSuppressed().length > 0) {
            throw leftovers;
        }
    }
}
