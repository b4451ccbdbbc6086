import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * The close of {@code ./verify}: what ran, what failed, what was skipped because of what, and the totals.
 *
 * <p>Reads the XML reports of Surefire and Failsafe and the TAP log of the C tests under the current directory. Takes the exit
 * status of the build as its only argument, because a build may fail without a failing test. Exits with 1 when anything
 * failed, or when anything was skipped and {@code CI=true}.
 */
final class Summary {
    private static final String C_LOG = "native-helpers/target/c-tests.log";

    private final Map<String, int[]> suites = new TreeMap<>();
    private final Map<String, List<String>> skippedBecause = new TreeMap<>();
    private final List<String> failed = new ArrayList<>();

    private enum Outcome {
        PASSED,
        FAILED,
        SKIPPED
    }

    public static void main(String[] args) throws Exception {
        Summary summary = new Summary();
        summary.readJava();
        summary.readC();
        int built = Integer.parseInt(args[0]);
        if (built != 0 && summary.failed.isEmpty()) {
            summary.count("the build", "Maven ended with status " + built + ", see its messages above", Outcome.FAILED, "");
        }
        System.exit(summary.print(new PrintStream(System.out, true, UTF_8)));
    }

    private void readJava() throws IOException, ParserConfigurationException, SAXException {
        for (Path report : reports()) {
            String module = report.getName(0).toString();
            String kind = report.toString().contains("failsafe-reports") ? "integration tests" : "tests";
            NodeList cases = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(report.toFile())
                    .getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                Element test = (Element) cases.item(i);
                String type = test.getAttribute("classname");
                String name = type.substring(type.lastIndexOf('.') + 1) + "." + test.getAttribute("name");
                Element skipped = (Element) test.getElementsByTagName("skipped").item(0);
                boolean broken = test.getElementsByTagName("failure").getLength()
                                + test.getElementsByTagName("error").getLength()
                        > 0;
                Outcome outcome = broken ? Outcome.FAILED : skipped != null ? Outcome.SKIPPED : Outcome.PASSED;
                count(module + ", " + kind, name, outcome, skipped == null ? "" : reason(skipped));
            }
        }
    }

    /** A disabled test carries its reason as an attribute, a failed assumption in the first line of its stack trace. */
    private static String reason(Element skipped) {
        String message = skipped.getAttribute("message");
        if (message.isBlank()) {
            message = skipped.getTextContent().strip().lines().findFirst().orElse("");
        }
        return message.replaceFirst("^[\\w.]*TestAbortedException: ", "").replaceFirst("^Assumption failed: ", "");
    }

    /** TAP: {@code ok 1 - name}, {@code not ok 2 - name}, {@code ok 3 - name # SKIP reason}, {@code 1..0 # SKIP reason}. */
    private void readC() throws IOException {
        Path log = Path.of(C_LOG);
        if (!Files.exists(log)) {
            return;
        }
        for (String line : new String(Files.readAllBytes(log), UTF_8).split("\n")) {
            boolean whole = line.startsWith("1..0");
            if (!whole && !line.startsWith("ok ") && !line.startsWith("not ok ")) {
                continue;
            }
            int skip = line.indexOf("# SKIP");
            String reason = skip < 0 ? "" : line.substring(skip + "# SKIP".length()).strip();
            String name = whole
                    ? "all C tests"
                    : (skip < 0 ? line : line.substring(0, skip)).replaceFirst("^(not )?ok( \\d+)?( -)? *", "");
            Outcome outcome =
                    line.startsWith("not ok") ? Outcome.FAILED : skip >= 0 ? Outcome.SKIPPED : Outcome.PASSED;
            count("native-helpers, C tests", name.strip(), outcome, reason);
        }
    }

    private void count(String suite, String name, Outcome outcome, String reason) {
        suites.computeIfAbsent(suite, key -> new int[Outcome.values().length])[outcome.ordinal()]++;
        switch (outcome) {
            case FAILED -> failed.add(suite + ": " + name);
            case SKIPPED -> skippedBecause
                    .computeIfAbsent(reason.isBlank() ? "(no reason given)" : reason.strip(), key -> new ArrayList<>())
                    .add(name);
            case PASSED -> {}
        }
    }

    /** Returns the exit status of the whole verification. */
    private int print(PrintStream out) {
        int[] total = new int[Outcome.values().length];
        out.println();
        out.printf("%-40s %8s %8s %8s%n", "RAN", "PASSED", "FAILED", "SKIPPED");
        suites.forEach((suite, counts) -> {
            out.printf("%-40s %8d %8d %8d%n", suite, counts[0], counts[1], counts[2]);
            for (int i = 0; i < counts.length; i++) {
                total[i] += counts[i];
            }
        });
        if (!skippedBecause.isEmpty()) {
            out.println();
            out.println("SKIPPED BECAUSE");
            skippedBecause.forEach((reason, names) -> {
                out.println("  " + reason);
                names.forEach(name -> out.println("    " + name));
            });
        }
        if (!failed.isEmpty()) {
            out.println();
            out.println("FAILED");
            failed.forEach(name -> out.println("  " + name));
        }
        boolean strict = "true".equals(System.getenv("CI"));
        out.println();
        if (strict && total[Outcome.SKIPPED.ordinal()] > 0) {
            out.println("CI=true: what was skipped counts as failed");
        }
        out.printf("%d passed, %d failed, %d skipped%n", total[0], total[1], total[2]);
        boolean nothingRan = total[Outcome.PASSED.ordinal()] == 0;
        return total[Outcome.FAILED.ordinal()] > 0
                        || nothingRan
                        || (strict && total[Outcome.SKIPPED.ordinal()] > 0)
                ? 1
                : 0;
    }

    private static List<Path> reports() throws IOException {
        var report = FileSystems.getDefault().getPathMatcher("glob:*/target/{surefire,failsafe}-reports/TEST-*.xml");
        try (Stream<Path> files = Files.walk(Path.of(""), 4)) {
            return files.filter(report::matches).sorted().toList();
        }
    }
}
