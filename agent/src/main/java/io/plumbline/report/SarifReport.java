package io.plumbline.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.Map;

/**
 * What a policy says of manifests, in the Static Analysis Results Interchange Format 2.1.0 (OASIS): one result per violated check, at
 * the line where its object begins. A file that could not be judged is a notification, and the run was not successful.
 */
public final class SarifReport {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .build();

    private final String docs;
    private final String version;

    /**
     * @param docs where the pages on checks are, without a final slash
     * @param version this program's
     */
    public SarifReport(String docs, String version) {
        this.docs = docs;
        this.version = version;
    }

    /** Writes the whole report, indented, with a final newline. */
    public void write(LintReport report, Writer out) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
        root.put("version", "2.1.0");
        ObjectNode run = root.putArray("runs").addObject();
        Map<String, Integer> ruleIndex = driver(report, run.putObject("tool").putObject("driver"));
        invocation(report, run.putArray("invocations").addObject());
        run.put("columnKind", "unicodeCodePoints");
        ArrayNode results = run.putArray("results");
        for (LintedFile file : report.files()) {
            for (LintedObject object : file.objects()) {
                for (PolicyViolation violation : object.violations()) {
                    result(results.addObject(), file, object, violation, ruleIndex);
                }
            }
        }
        JSON.writerWithDefaultPrettyPrinter().writeValue(out, root);
        out.write('\n');
        out.flush();
    }

    private Map<String, Integer> driver(LintReport report, ObjectNode driver) {
        driver.put("name", "plumbline");
        driver.put("version", version);
        driver.put("informationUri", docs);
        ArrayNode rules = driver.putArray("rules");
        Map<String, Integer> index = new HashMap<>();
        for (Rule rule : report.rules()) {
            index.put(rule.id(), rules.size());
            ObjectNode json = rules.addObject();
            json.put("id", rule.id());
            json.putObject("shortDescription").put("text", rule.title());
            json.putObject("fullDescription").put("text", rule.promise());
            json.putObject("help").put("text", rule.remedy());
            json.put("helpUri", docs + "/" + rule.id());
            json.putObject("defaultConfiguration").put("level", "error");
        }
        return index;
    }

    private static void invocation(LintReport report, ObjectNode invocation) {
        invocation.put("executionSuccessful", !report.hasProblems());
        ArrayNode notifications = invocation.putArray("toolExecutionNotifications");
        for (LintedFile file : report.files()) {
            file.problem().ifPresent(problem -> notification(notifications, file, 1, "error", problem));
            for (LintedObject object : file.objects()) {
                object.notes()
                        .forEach(note ->
                                notification(notifications, file, object.line(), "note", object.words() + ": " + note));
            }
        }
    }

    private static void notification(ArrayNode notifications, LintedFile file, int line, String level, String text) {
        ObjectNode json = notifications.addObject();
        json.put("level", level);
        json.putObject("message").put("text", text);
        location(json.putArray("locations").addObject(), file, line);
    }

    private static void result(
            ObjectNode json,
            LintedFile file,
            LintedObject object,
            PolicyViolation violation,
            Map<String, Integer> ruleIndex) {
        json.put("ruleId", violation.check());
        json.put("ruleIndex", ruleIndex.getOrDefault(violation.check(), -1));
        json.put("level", "error");
        json.putObject("message").put("text", object.words() + ": " + violation.message());
        ObjectNode location = json.putArray("locations").addObject();
        location(location, file, object.line());
        location.putArray("logicalLocations")
                .addObject()
                .put("fullyQualifiedName", object.kind() + "/" + object.name())
                .put("kind", "resource");
    }

    private static void location(ObjectNode location, LintedFile file, int line) {
        ObjectNode physical = location.putObject("physicalLocation");
        physical.putObject("artifactLocation").put("uri", uri(file.file()));
        physical.putObject("region").put("startLine", line);
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
