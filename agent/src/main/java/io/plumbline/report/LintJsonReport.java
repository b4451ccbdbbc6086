package io.plumbline.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.model.LintReport;
import io.plumbline.model.LintReport.LintedFile;
import io.plumbline.model.LintReport.LintedObject;
import io.plumbline.model.PolicyViolation;
import java.io.IOException;
import java.io.Writer;

/**
 * The contract's JSON: {@code files}, in each its {@code documents}, in each of those {@code kind}, {@code name}, {@code allowed} and
 * {@code violations}. Beside that only where there is something to say: {@code error} of a file that could not be judged, {@code notes}
 * of a document.
 */
public final class LintJsonReport {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .build();

    /** Writes the whole report, indented, with a final newline. */
    public void write(LintReport report, Writer out) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        ArrayNode files = root.putArray("files");
        report.files().forEach(file -> file(files.addObject(), file));
        JSON.writerWithDefaultPrettyPrinter().writeValue(out, root);
        out.write('\n');
        out.flush();
    }

    private static void file(ObjectNode json, LintedFile file) {
        json.put("file", file.file());
        file.problem().ifPresent(problem -> json.put("error", problem));
        ArrayNode documents = json.putArray("documents");
        file.objects().forEach(object -> document(documents.addObject(), object));
    }

    private static void document(ObjectNode json, LintedObject object) {
        json.put("kind", object.kind());
        json.put("name", object.name());
        json.put("allowed", object.isAllowed());
        ArrayNode violations = json.putArray("violations");
        for (PolicyViolation violation : object.violations()) {
            violations.addObject().put("check", violation.check()).put("message", violation.message());
        }
        if (!object.hasPod() || !object.notes().isEmpty()) {
            ArrayNode notes = json.putArray("notes");
            if (!object.hasPod()) {
                notes.add("no pod in it");
            }
            object.notes().forEach(notes::add);
        }
    }
}
