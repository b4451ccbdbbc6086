package io.plumbline.report;

import io.plumbline.model.LintReport;
import io.plumbline.model.LintReport.LintedFile;
import io.plumbline.model.LintReport.LintedObject;
import io.plumbline.model.PolicyViolation;
import java.io.Writer;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * What a policy says of manifests, as the XML that pipelines know from JUnit: a suite per file, a case per object, at most one {@code
 * failure} in it with all violations. An object without a pod is {@code skipped}; a file that could not be judged is one case with an
 * {@code error}; what is odd about objects goes to {@code system-out}. Valid by the schemas of Ant and of Jenkins' xUnit plugin. ASCII
 * only, so that no text of a manifest can hold what XML cannot.
 */
public final class JunitReport {

    private final Instant at;

    /** @param at when the manifests were judged */
    public JunitReport(Instant at) {
        this.at = at;
    }

    /** Writes the whole report, indented, with a final newline. */
    public void write(LintReport report, Writer out) {
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            for (int id = 0; id < report.files().size(); id++) {
                suite(xml, id, report.files().get(id), report.policy());
            }
            xml.writeCharacters("\n");
            xml.writeEndElement();
            xml.writeCharacters("\n");
            xml.writeEndDocument();
            xml.flush();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("writing to memory fails only by a mistake of ours", e);
        }
    }

    private void suite(XMLStreamWriter xml, int id, LintedFile file, String policy) throws XMLStreamException {
        xml.writeCharacters("\n  ");
        xml.writeStartElement("testsuite");
        xml.writeAttribute("id", String.valueOf(id));
        xml.writeAttribute("package", "plumbline.lint");
        xml.writeAttribute("name", Printable.of(file.file()));
        xml.writeAttribute(
                "timestamp",
                DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                        LocalDateTime.ofInstant(at.truncatedTo(ChronoUnit.SECONDS), ZoneOffset.UTC)));
        xml.writeAttribute("hostname", "localhost");
        xml.writeAttribute("tests", String.valueOf(file.objects().size() + errors(file)));
        xml.writeAttribute("failures", count(file, object -> !object.isAllowed()));
        xml.writeAttribute("errors", String.valueOf(errors(file)));
        xml.writeAttribute("skipped", count(file, object -> !object.hasPod()));
        xml.writeAttribute("time", "0");
        xml.writeCharacters("\n    ");
        xml.writeStartElement("properties");
        xml.writeEmptyElement("property");
        xml.writeAttribute("name", "policy");
        xml.writeAttribute("value", policy);
        xml.writeEndElement();
        if (file.problem().isPresent()) {
            String problem = Printable.of(file.problem().get());
            open(xml, file, "read");
            trouble(xml, "error", "unreadable", problem, problem);
            close(xml);
        }
        for (LintedObject object : file.objects()) {
            object(xml, file, object);
        }
        xml.writeCharacters("\n    ");
        xml.writeStartElement("system-out");
        for (LintedObject object : file.objects()) {
            for (String note : object.notes()) {
                xml.writeCharacters(Printable.of(object.words() + ": " + note) + "\n");
            }
        }
        xml.writeEndElement();
        xml.writeCharacters("\n    ");
        xml.writeEmptyElement("system-err");
        xml.writeCharacters("\n  ");
        xml.writeEndElement();
    }

    private static void object(XMLStreamWriter xml, LintedFile file, LintedObject object) throws XMLStreamException {
        open(xml, file, object.words());
        if (!object.isAllowed()) {
            String checks =
                    object.violations().stream().map(PolicyViolation::check).collect(Collectors.joining(", "));
            String text = object.violations().stream()
                    .map(violation -> Printable.of(violation.check() + ": " + violation.message()))
                    .collect(Collectors.joining("\n"));
            trouble(xml, "failure", "policy", checks, "line " + object.line() + "\n" + text);
        } else if (!object.hasPod()) {
            xml.writeCharacters("\n      ");
            xml.writeEmptyElement("skipped");
        }
        close(xml);
    }

    private static void open(XMLStreamWriter xml, LintedFile file, String name) throws XMLStreamException {
        xml.writeCharacters("\n    ");
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", Printable.of(file.file()));
        xml.writeAttribute("name", Printable.of(name));
        xml.writeAttribute("time", "0");
    }

    private static void close(XMLStreamWriter xml) throws XMLStreamException {
        xml.writeCharacters("\n    ");
        xml.writeEndElement();
    }

    private static void trouble(XMLStreamWriter xml, String element, String type, String message, String text)
            throws XMLStreamException {
        xml.writeCharacters("\n      ");
        xml.writeStartElement(element);
        xml.writeAttribute("message", message);
        xml.writeAttribute("type", type);
        xml.writeCharacters(text);
        xml.writeEndElement();
    }

    private static String count(LintedFile file, Predicate<LintedObject> which) {
        return String.valueOf(file.objects().stream().filter(which).count());
    }

    private static int errors(LintedFile file) {
        return file.problem().isPresent() ? 1 : 0;
    }
}
