package io.plumbline.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.FindingKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The pages on checks say what {@code plumbline explain} says, and the README's table has every check: both come from the checks
 * themselves. {@code -Dgolden.write=true} writes them again.
 */
class CheckPagesTest {

    private static final Path PAGES = Path.of("../docs/checks");
    private static final Path README = Path.of("../README.md");
    private static final String BEGIN = "<!-- checks -->\n";
    private static final String END = "<!-- end of checks -->";

    @TestFactory
    Stream<DynamicTest> everyCheckHasThePageThatFollowsFromIt() {
        return Catalogue.descriptions().stream()
                .map(check -> DynamicTest.dynamicTest(
                        check.id(), () -> assertKept(PAGES.resolve(check.id() + ".md"), page(check))));
    }

    @Test
    void noPageIsLeftOfAFormerCheck() throws IOException {
        Set<String> ids = Catalogue.descriptions().stream()
                .map(CheckDescription::id)
                .collect(Collectors.toCollection(TreeSet::new));
        try (Stream<Path> files = Files.list(PAGES)) {
            List<String> pages = files.map(file -> file.getFileName().toString())
                    .filter(name -> isOfACheck(PAGES.resolve(name)))
                    .map(name -> name.replace(".md", ""))
                    .toList();
            assertThat(ids).containsAll(pages);
        }
    }

    /** Other pages may stand beside these, on alerts for example. */
    private static boolean isOfACheck(Path file) {
        try {
            return Files.readString(file).contains("`plumbline explain ");
        } catch (IOException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }

    @Test
    void readmesTableHasExactlyTheChecksThatThereAre() throws IOException {
        String readme = Files.readString(README);
        assertThat(readme).contains(BEGIN, END);
        int from = readme.indexOf(BEGIN) + BEGIN.length();
        int to = readme.indexOf(END);
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(README, readme.substring(0, from) + table() + readme.substring(to));
        } else {
            assertThat(readme.substring(from, to)).isEqualTo(table());
        }
    }

    private static String table() {
        List<String> rows = new ArrayList<>(List.of("| kind | checks |", "| --- | --- |"));
        for (FindingKind kind : FindingKind.values()) {
            String checks = Catalogue.descriptions().stream()
                    .filter(check -> check.kind() == kind)
                    .map(check -> "[`" + check.id() + "`](docs/checks/" + check.id() + ".md)")
                    .collect(Collectors.joining(" "));
            if (!checks.isEmpty()) {
                rows.add("| " + kind.word() + " | " + checks + " |");
            }
        }
        return String.join("\n", rows) + "\n";
    }

    private static String page(CheckDescription check) {
        return """
                # %s

                %s. Kind `%s`, severity %s.

                ## What is promised

                %s

                ## What it reads

                %s

                ## What to do

                %s

                ---

                `plumbline explain %s` says the same. `plumbline scan --output json` has every finding with its evidence.
                """.formatted(
                        check.id(),
                        check.title(),
                        check.kind().word(),
                        check.severity(),
                        sentence(check.promise()),
                        sentence(check.reads()),
                        sentence(check.remedy()),
                        check.id());
    }

    /** {@code <pid>} is no HTML. */
    private static String sentence(String text) {
        String escaped = text.replace("<", "\\<").replace("*", "\\*");
        return escaped.endsWith(".") ? escaped : escaped + ".";
    }

    private static void assertKept(Path file, String text) throws IOException {
        if (Boolean.getBoolean("golden.write")) {
            Files.createDirectories(PAGES);
            Files.writeString(file, text);
        } else {
            assertThat(file).exists();
            assertThat(Files.readString(file)).isEqualTo(text);
        }
    }
}
