package io.plumbline.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.model.ScanReport;
import java.io.IOException;
import java.io.Writer;
import java.util.List;

/**
 * The report as the contract's JSON: {@code node}, {@code findings}, {@code undetermined}, {@code summary}, and the plumb table under
 * {@code containers}.
 */
public final class JsonReport {

    private static final JsonMapper JSON = JsonMapper.builder(AsciiJson.factory())
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .build();

    private final ReportJson objects;

    /** @param docs where the pages on checks are, without a final slash */
    public JsonReport(String docs) {
        this.objects = new ReportJson(docs);
    }

    /** Writes the whole report, indented, with a final newline. */
    public void write(ScanReport report, Writer out) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(out, tree(report));
        out.write('\n');
        out.flush();
    }

    private ObjectNode tree(ScanReport report) {
        ObjectNode root = JSON.createObjectNode();
        root.set("node", objects.node(report));
        ArrayNode findings = root.putArray("findings");
        report.findings().forEach(finding -> findings.add(objects.finding(finding)));
        List<Gap> gaps = Gap.of(report);
        ArrayNode undetermined = root.putArray("undetermined");
        gaps.forEach(gap -> undetermined.add(objects.gap(gap)));
        ArrayNode containers = root.putArray("containers");
        report.containers().forEach(container -> containers.add(objects.container(container)));
        root.set("summary", objects.summary(report));
        return root;
    }
}
