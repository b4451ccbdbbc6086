package io.plumbline.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/**
 * Where a JVM's time goes, by the samples of a flight recording: every few milliseconds, who runs Java code. A sample belongs to the
 * topmost method of ours on the stack, with what that calls of libraries. What the kernel and the C library take is not among the samples.
 */
final class WhereTimeGoes {

    private static final String HOUSE = "io.plumbline.";
    private static final int METHODS = 20;

    private final Map<String, Integer> rooms = new HashMap<>();
    private final Map<String, Integer> methods = new HashMap<>();
    private int samples;

    /**
     * Reads a recording that is over.
     *
     * @param from what was before does not count
     */
    static WhereTimeGoes in(Path recording, Instant from) throws IOException {
        WhereTimeGoes where = new WhereTimeGoes();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                RecordedEvent event = file.readEvent();
                if (event.getEventType().getName().equals("jdk.ExecutionSample")
                        && event.getStackTrace() != null
                        && event.getStartTime().isAfter(from)) {
                    where.add(event.getStackTrace(), event.getThread("sampledThread"));
                }
            }
        }
        return where;
    }

    /** Flags of a JVM that records samples from its start to its end. */
    static List<String> flags(Path recording, Path settings) throws IOException {
        Files.writeString(settings, """
                <?xml version="1.0" encoding="UTF-8"?>
                <configuration version="2.0">
                  <event name="jdk.ExecutionSample"><setting name="enabled">true</setting><setting name="period">10 ms</setting></event>
                </configuration>
                """);
        return List.of("-XX:StartFlightRecording=filename=" + recording + ",settings=" + settings, "-Xlog:jfr*=off");
    }

    private void add(RecordedStackTrace stack, @Nullable RecordedThread thread) {
        samples++;
        Optional<RecordedFrame> ours =
                stack.getFrames().stream().filter(WhereTimeGoes::isOurs).findFirst();
        String room = ours.map(frame -> room(frame.getMethod().getType().getName()))
                .orElseGet(() -> "none: thread " + (thread == null ? "?" : thread.getJavaName()));
        rooms.merge(room, 1, Integer::sum);
        ours.ifPresent(frame -> methods.merge(method(frame), 1, Integer::sum));
    }

    /** Not the class that the JVM makes for a lambda: its body is a method of the class where it stands. */
    private static boolean isOurs(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        return type.startsWith(HOUSE) && !type.contains("$$Lambda");
    }

    /** {@code kernel.bindings} of {@code io.plumbline.kernel.bindings.Posix}. */
    private static String room(String type) {
        String inHouse = type.substring(HOUSE.length());
        int dot = inHouse.lastIndexOf('.');
        return dot < 0 ? "the roof" : inHouse.substring(0, dot);
    }

    private static String method(RecordedFrame frame) {
        return frame.getMethod().getType().getName().substring(HOUSE.length()) + "."
                + frame.getMethod().getName();
    }

    /** @param kernel the part of its CPU time that was in the kernel, in per cent */
    void print(PrintStream out, double kernel) {
        out.printf(Locale.ROOT, "%nof the agent's CPU time in peace %.0f %% was in the kernel%n", kernel);
        out.printf("%n%8s  ROOM, of %d samples of Java code%n", "SHARE", samples);
        print(out, rooms, Integer.MAX_VALUE);
        out.printf("%n%8s  METHOD, with what it calls of libraries%n", "SHARE");
        print(out, methods, METHODS);
    }

    private void print(PrintStream out, Map<String, Integer> counts, int most) {
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey(Comparator.naturalOrder())))
                .limit(most)
                .forEach(entry ->
                        out.printf(Locale.ROOT, "%6.1f %%  %s%n", entry.getValue() * 100.0 / samples, entry.getKey()));
    }
}
