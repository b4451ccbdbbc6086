package io.plumbline.report;

import com.fasterxml.jackson.core.JsonGenerator;
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

    /** Writes the whole report, indented, with a final newline. */
    public void write(LintReport report, Writer out) throws IOException {
        try (JsonGenerator json = AsciiJson.to(out)) {
            json.writeStartObject();
            json.writeArrayFieldStart("files");
            for (LintedFile file : report.files()) {
                file(json, file);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        out.write('\n');
        out.flush();
    }

    private static void file(JsonGenerator json, LintedFile file) throws IOException {
        json.writeStartObject();
        json.writeStringField("file", file.file());
        if (file.problem().isPresent()) {
            json.writeStringField("error", file.problem().get());
        }
        json.writeArrayFieldStart("documents");
        for (LintedObject object : file.objects()) {
            document(json, object);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void document(JsonGenerator json, LintedObject object) throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", object.kind());
        json.writeStringField("name", object.name());
        json.writeBooleanField("allowed", object.isAllowed());
        json.writeArrayFieldStart("violations");
        for (PolicyViolation violation : object.violations()) {
            json.writeStartObject();
            json.writeStringField("check", violation.check());
            json.writeStringField("message", violation.message());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (!object.hasPod() || !object.notes().isEmpty()) {
            json.writeArrayFieldStart("notes");
            if (!object.hasPod()) {
                json.writeString("no pod in it");
            }
            for (String note : object.notes()) {
                json.writeString(note);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }
}
