package io.plumbline.report;

import io.plumbline.model.LintReport;
import io.plumbline.model.LintReport.LintedFile;
import io.plumbline.model.LintReport.LintedObject;
import io.plumbline.model.PolicyViolation;
import java.io.Writer;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * What a policy says of manifests, as the XML that pipelines know from JUnit: a suite per file, a case per object, at most one {@code
 * failure} in it with all violations. An object without a pod is {@code skipped}; a file that could not be judged is one case with an
 * {@code error}. ASCII only, so that no text of a manifest can hold what XML cannot.
 */
public final class JunitReport {

    /** Writes the whole report, indented, with a final newline. */
    public void write(LintReport report, Writer out) {
        try {
            XMLStreamWriter xml = XMLOutputFactory.newFactory().createXMLStreamWriter(out);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeCharacters("\n");
            xml.writeStartElement("testsuites");
            xml.writeAttribute("name", "plumbline lint, " + report.policy());
            int cases = 0;
            int failures = 0;
            int errors = 0;
            for (LintedFile file : report.files()) {
                cases += cases(file);
                failures += failures(file);
                errors += errors(file);
            }
            counts(xml, cases, failures, errors);
            for (LintedFile file : report.files()) {
                suite(xml, file);
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

    private static void suite(XMLStreamWriter xml, LintedFile file) throws XMLStreamException {
        xml.writeCharacters("\n  ");
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", Printable.of(file.file()));
        counts(xml, cases(file), failures(file), errors(file));
        long skipped =
                file.objects().stream().filter(object -> !object.hasPod()).count();
        xml.writeAttribute("skipped", String.valueOf(skipped));
        if (file.problem().isPresent()) {
            String problem = Printable.of(file.problem().get());
            open(xml, file, "read");
            trouble(xml, "error", "unreadable", problem, problem);
            close(xml);
        }
        for (LintedObject object : file.objects()) {
            object(xml, file, object);
        }
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

    private static void counts(XMLStreamWriter xml, int cases, int failures, int errors) throws XMLStreamException {
        xml.writeAttribute("tests", String.valueOf(cases));
        xml.writeAttribute("failures", String.valueOf(failures));
        xml.writeAttribute("errors", String.valueOf(errors));
        xml.writeAttribute("time", "0");
    }

    private static int cases(LintedFile file) {
        return file.objects().size() + errors(file);
    }

    private static int failures(LintedFile file) {
        return (int)
                file.objects().stream().filter(object -> !object.isAllowed()).count();
    }

    private static int errors(LintedFile file) {
        return file.problem().isPresent() ? 1 : 0;
    }
}
