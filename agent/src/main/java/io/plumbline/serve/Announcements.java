package io.plumbline.serve;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Finding;
import io.plumbline.model.FindingChange;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeFacts;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Severity;
import io.plumbline.report.Printable;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** What goes to the log, each thing once. */
final class Announcements {

    private static final Logger LOG = LoggerFactory.getLogger(ScanLoop.class);

    private String saidOfReader = "";
    private Optional<String> saidOfScan = Optional.empty();
    private Optional<String> saidOfDeclared = Optional.empty();

    /** How the kernel is read: the way to do it best is found with the second scan, and with it what stands in that way. */
    void sayOfReader(NodeFacts.Reader reader) {
        if (!reader.backend().equals(saidOfReader) && !reader.backend().equals("native")) {
            LOG.info("processes are read by {}", reader.backend());
            saidOfReader = reader.backend();
        }
    }

    void of(List<FindingChange> changes) {
        for (FindingChange change : changes) {
            if (change instanceof FindingChange.Opened opened) {
                say(opened.finding());
            } else if (change instanceof FindingChange.Closed closed) {
                say(closed.finding());
            }
        }
    }

    /** What a policy asks for in small matters is on the page: on a usual node it would be a line for every container. */
    private static Level level(FindingKind kind, Severity severity, Level usual) {
        return kind == FindingKind.POLICY && !severity.atLeast(Severity.MEDIUM) ? Level.DEBUG : usual;
    }

    private static void say(Finding finding) {
        about(finding.id(), finding.kind(), finding.check(), finding.severity(), finding.container(), Level.WARN)
                .log(
                        "opened {}: {} {}: {}",
                        finding.id(),
                        finding.severity().word(),
                        finding.check(),
                        Printable.of(finding.message()));
    }

    private static void say(OpenFinding finding) {
        about(finding.id(), finding.kind(), finding.check(), finding.severity(), finding.container(), Level.INFO)
                .log(
                        "closed {}: {} {} of {}, open since {}",
                        finding.id(),
                        finding.severity().word(),
                        finding.check(),
                        Printable.of(finding.container().words()),
                        finding.firstSeen());
    }

    private static LoggingEventBuilder about(
            String id, FindingKind kind, String check, Severity severity, ContainerIdentity container, Level usual) {
        return LOG.atLevel(level(kind, severity, usual))
                .addKeyValue("finding", id)
                .addKeyValue("kind", kind.word())
                .addKeyValue("check", check)
                .addKeyValue("severity", severity.word())
                .addKeyValue("namespace", container.namespace())
                .addKeyValue("pod", container.pod())
                .addKeyValue("container", container.container().orElse(""));
    }

    void sayOfScan(Optional<String> trouble) {
        if (!trouble.equals(saidOfScan)) {
            trouble.ifPresentOrElse(
                    why -> LOG.warn("no scan: {}", Printable.of(why)), () -> LOG.info("scans succeed again"));
        }
        saidOfScan = trouble;
    }

    void sayOfDeclared(DeclaredAnswers.Answer answer) {
        Optional<String> trouble = answer.side().trouble();
        if (!trouble.equals(saidOfDeclared)) {
            trouble.ifPresentOrElse(
                    why -> LOG.warn(
                            "pods could not be listed: {}; {}",
                            Printable.of(why),
                            answer.side()
                                    .answeredAt()
                                    .map(at -> "the last answer holds, from " + at)
                                    .orElse("there is no earlier answer")),
                    () -> LOG.info("pods are listed again"));
        }
        saidOfDeclared = trouble;
    }
}
