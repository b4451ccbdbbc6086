package io.plumbline.report;

import com.fasterxml.jackson.core.JsonGenerator;
import io.plumbline.model.LintReport;
import io.plumbline.model.LintReport.LintedFile;
import io.plumbline.model.LintReport.LintedObject;
import io.plumbline.model.LintReport.Rule;
import io.plumbline.model.PolicyViolation;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a policy says of manifests, in the Static Analysis Results Interchange Format 2.1.0 (OASIS): one result per violated check, at
 * the line where its object begins. A file that could not be judged is a notification, and the run was not successful.
 */
public final class SarifReport {

    private final String version;

    /** @param version this program's */
    public SarifReport(String version) {
        this.version = version;
    }

    /** Writes the whole report, indented, with a final newline. */
    public void write(LintReport report, Writer out) throws IOException {
        try (JsonGenerator json = AsciiJson.to(out)) {
            json.writeStartObject();
            json.writeStringField("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.writeStringField("version", "2.1.0");
            json.writeArrayFieldStart("runs");
            json.writeStartObject();
            driver(json, report.rules());
            invocation(json, report);
            json.writeStringField("columnKind", "unicodeCodePoints");
            results(json, report);
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
        out.write('\n');
        out.flush();
    }

    private void driver(JsonGenerator json, List<Rule> rules) throws IOException {
        json.writeObjectFieldStart("tool");
        json.writeObjectFieldStart("driver");
        json.writeStringField("name", "plumbline");
        json.writeStringField("version", version);
        json.writeArrayFieldStart("rules");
        for (Rule rule : rules) {
            json.writeStartObject();
            json.writeStringField("id", rule.id());
            text(json, "shortDescription", rule.title());
            text(json, "fullDescription", rule.promise());
            text(json, "help", rule.remedy());
            json.writeObjectFieldStart("defaultConfiguration");
            json.writeStringField("level", "error");
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void invocation(JsonGenerator json, LintReport report) throws IOException {
        json.writeArrayFieldStart("invocations");
        json.writeStartObject();
        json.writeBooleanField("executionSuccessful", !report.hasProblems());
        json.writeArrayFieldStart("toolExecutionNotifications");
        for (LintedFile file : report.files()) {
            if (file.problem().isPresent()) {
                notification(json, file, 1, "error", file.problem().get());
            }
            for (LintedObject object : file.objects()) {
                for (String note : object.notes()) {
                    notification(json, file, object.line(), "note", object.words() + ": " + note);
                }
            }
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
    }

    private static void notification(JsonGenerator json, LintedFile file, int line, String level, String text)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("level", level);
        text(json, "message", text);
        json.writeArrayFieldStart("locations");
        json.writeStartObject();
        place(json, file, line);
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void results(JsonGenerator json, LintReport report) throws IOException {
        Map<String, Integer> index = new HashMap<>();
        report.rules().forEach(rule -> index.put(rule.id(), index.size()));
        json.writeArrayFieldStart("results");
        for (LintedFile file : report.files()) {
            for (LintedObject object : file.objects()) {
                for (PolicyViolation violation : object.violations()) {
                    result(json, file, object, violation, index.getOrDefault(violation.check(), -1));
                }
            }
        }
        json.writeEndArray();
    }

    private static void result(
            JsonGenerator json, LintedFile file, LintedObject object, PolicyViolation violation, int ruleIndex)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("ruleId", violation.check());
        json.writeNumberField("ruleIndex", ruleIndex);
        json.writeStringField("level", "error");
        text(json, "message", object.words() + ": " + violation.message());
        json.writeArrayFieldStart("locations");
        json.writeStartObject();
        place(json, file, object.line());
        json.writeArrayFieldStart("logicalLocations");
        json.writeStartObject();
        json.writeStringField("fullyQualifiedName", object.kind() + "/" + object.name());
        json.writeStringField("kind", "resource");
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void place(JsonGenerator json, LintedFile file, int line) throws IOException {
        json.writeObjectFieldStart("physicalLocation");
        json.writeObjectFieldStart("artifactLocation");
        json.writeStringField("uri", uri(file.file()));
        json.writeEndObject();
        json.writeObjectFieldStart("region");
        json.writeNumberField("startLine", line);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String field, String text) throws IOException {
        json.writeObjectFieldStart(field);
        json.writeStringField("text", text);
        json.writeEndObject();
    }

    /** A reference as RFC 3986 has it: relative where the file was named so, standard input by its usual name. */
    private static String uri(String file) {
        try {
            return file.startsWith("/")
                    ? new URI("file", "", file, null).toASCIIString()
                    : new URI(null, null, file.contains(":") ? "./" + file : file, null).toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a path is always quoted into a URI", e);
        }
    }
}
