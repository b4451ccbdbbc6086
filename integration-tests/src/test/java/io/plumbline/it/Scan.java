package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;

/** One run of {@code plumbline scan --output json}, as a user starts it: the exit status and the report. */
record Scan(int status, JsonNode report, String errors, Duration took) {
    /** The launcher may have to build first; a scan itself takes a second or two. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final List<String> SEVERITIES = List.of("info", "low", "medium", "high", "critical");

    /** Scans with these options beside {@code --output json}, and fails unless the answer is one JSON document. */
    static Scan json(List<String> options) {
        return json(List.of(), options);
    }

    /** The same started by another program, such as one that takes away rights first. */
    static Scan json(List<String> starter, List<String> options) {
        var all = new ArrayList<>(List.of("--output", "json"));
        all.addAll(options);
        long start = System.nanoTime();
        Command command = run(starter, all);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(command.status())
                .as("%s\n%s", command.arguments(), command.errors())
                .isIn(0, 1);
        return new Scan(command.status(), parse(command), command.errors(), took);
    }

    /** The human's table. */
    static Command table(List<String> options) {
        return table(List.of(), options);
    }

    static Command table(List<String> starter, List<String> options) {
        var all = new ArrayList<>(List.of("--output", "table"));
        all.addAll(options);
        return run(starter, all);
    }

    private static Command run(List<String> starter, List<String> options) {
        var command = new ArrayList<>(starter);
        Path launcher = Machine.repository().resolve("plumbline");
        command.addAll(List.of(launcher.toString(), "scan"));
        command.addAll(options);
        return Command.run(LIMIT, command);
    }

    private static JsonNode parse(Command command) {
        try {
            // Strictly: a byte that is not UTF-8 is an error here, not a replacement character.
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(command.output()).toString();
            return JSON.readTree(text);
        } catch (CharacterCodingException e) {
            throw new AssertionError("not UTF-8: " + command.text(), e);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + command.text() + "\n" + command.errors(), e);
        }
    }

    List<Finding> findings() {
        return StreamSupport.stream(report.path("findings").spliterator(), false)
                .map(Finding::new)
                .toList();
    }

    /** Findings of kind drift. */
    List<Finding> drift() {
        return findings().stream()
                .filter(finding -> finding.text("kind").equals("drift"))
                .toList();
    }

    /** Drift of this pod. */
    List<Finding> drift(Pod pod) {
        return drift().stream()
                .filter(finding -> finding.text("podUid").equals(pod.uid()))
                .toList();
    }

    /** What policies say of this pod. */
    List<Finding> policy(Pod pod) {
        return of("policy", pod);
    }

    /** What this pod asks for without effect. */
    List<Finding> inert(Pod pod) {
        return of("inert", pod);
    }

    private List<Finding> of(String kind, Pod pod) {
        return findings().stream()
                .filter(finding -> finding.text("kind").equals(kind))
                .filter(finding -> finding.text("podUid").equals(pod.uid()))
                .toList();
    }

    List<JsonNode> undetermined() {
        return StreamSupport.stream(report.path("undetermined").spliterator(), false)
                .toList();
    }

    /** Drift that names this process. */
    List<Finding> of(long pid) {
        return drift().stream().filter(finding -> finding.pids().contains(pid)).toList();
    }

    /** Whether the report holds drift at or above a severity: what the exit status must say. */
    boolean hasDriftFrom(String severity) {
        return drift().stream()
                .anyMatch(finding -> SEVERITIES.indexOf(finding.text("severity")) >= SEVERITIES.indexOf(severity));
    }
}
