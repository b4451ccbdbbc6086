package io.plumbline.report;

import io.plumbline.model.LintReport;
import io.plumbline.model.LintReport.LintedFile;
import io.plumbline.model.LintReport.LintedObject;
import io.plumbline.model.PolicyViolation;
import io.plumbline.model.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a policy says of manifests, for a person at a terminal: what violates it or is odd, and a count of the rest. */
public final class LintTableReport {

    private static final String INDENT = "    ";

    private final int width;
    private final Paint paint;
    private final List<String> lines = new ArrayList<>();

    /** @param width in characters */
    public LintTableReport(int width, Paint paint) {
        this.width = width;
        this.paint = paint;
    }

    /** The whole report as lines of printable ASCII, colours apart. */
    public List<String> lines(LintReport report) {
        for (LintedFile file : report.files()) {
            for (LintedObject object : file.objects()) {
                object(report, file, object);
            }
        }
        foot(report);
        return List.copyOf(lines);
    }

    private void object(LintReport report, LintedFile file, LintedObject object) {
        if (object.isAllowed() && object.notes().isEmpty()) {
            return;
        }
        String verdict = !object.hasPod()
                ? "no pod in it"
                : (object.isAllowed() ? "allowed by " : "violates ") + report.policy();
        String head = Printable.of(file.file() + ":" + object.line() + ": " + object.words() + ": " + verdict);
        lines.add(object.isAllowed() ? paint.heading(head) : paint.severity(Severity.HIGH, head));
        for (PolicyViolation violation : object.violations()) {
            indented(violation.check() + ": " + violation.message());
        }
        object.notes().forEach(note -> indented("note: " + note));
        lines.add("");
    }

    private void foot(LintReport report) {
        List<LintedObject> objects = report.objects();
        List<LintedObject> pods = objects.stream().filter(LintedObject::hasPod).toList();
        List<LintedObject> violating =
                pods.stream().filter(object -> !object.isAllowed()).toList();
        List<String> counts = new ArrayList<>();
        counts.add((pods.size() - violating.size()) + " allowed by " + report.policy());
        counts.add(violating.size() + " not");
        if (objects.size() > pods.size()) {
            counts.add((objects.size() - pods.size()) + " without a pod");
        }
        long unread = report.files().stream()
                .filter(file -> file.problem().isPresent())
                .count();
        if (unread > 0) {
            counts.add(unread + (unread == 1 ? " file" : " files") + " not judged");
        }
        say(count(objects.size(), "object") + " in " + count(report.files().size(), "file") + ": "
                + String.join(", ", counts) + ".");
        Optional<String> first = violating.stream()
                .findFirst()
                .map(object -> object.violations().get(0).check());
        first.ifPresent(check -> say("Next: plumbline explain " + check));
    }

    private static String count(int number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    private void say(String text) {
        lines.addAll(Columns.wrap(Printable.of(text), width));
    }

    private void indented(String text) {
        Columns.wrap(Printable.of(text), Math.max(width - INDENT.length(), INDENT.length()))
                .forEach(line -> lines.add(INDENT + line));
    }
}
