package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.checks.CheckDescription;
import io.plumbline.scan.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Every output that docs/book.md shows is what the program prints: of manifests, and of the captured node. {@code -Dgolden.write=true} writes
 * them again.
 */
class BookTest {

    private static final Path BOOK = Path.of("../docs/book.md");
    private static final Pattern BLOCK =
            Pattern.compile("<!-- (run|finding|policy finding|row): (.+) -->\n(```\n[^`]*```\n)?");
    private static final Pattern LINK = Pattern.compile("\\(checks/([a-z0-9-]+)\\.md\\)");
    private static final Pattern ROW = Pattern.compile("(default|shop|kube-system)/.*");

    private final Map<String, List<String>> scans = new HashMap<>();

    @Test
    void everyOutputIsTheOneOfToday() throws IOException {
        String text = Files.readString(BOOK);
        StringBuilder now = new StringBuilder();
        Matcher blocks = BLOCK.matcher(text);
        int found = 0;
        while (blocks.find()) {
            String block = "<!-- " + blocks.group(1) + ": " + blocks.group(2) + " -->\n```\n"
                    + output(blocks.group(1), blocks.group(2)) + "```\n";
            blocks.appendReplacement(now, Matcher.quoteReplacement(block));
            found++;
        }
        blocks.appendTail(now);
        assertThat(found).isGreaterThan(15);
        if (Boolean.getBoolean("golden.write")) {
            Files.writeString(BOOK, now.toString());
        } else {
            assertThat(text).isEqualTo(now.toString());
        }
    }

    @Test
    void everyCheckThatIsNamedIsThereAndHasItsPage() throws IOException {
        Set<String> ids = Catalogue.descriptions().stream()
                .map(CheckDescription::id)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> named = new TreeSet<>();
        Matcher links = LINK.matcher(Files.readString(BOOK));
        while (links.find()) {
            named.add(links.group(1));
        }

        assertThat(named).hasSizeGreaterThan(30);
        assertThat(ids).containsAll(named);
        assertThat(named)
                .allSatisfy(
                        id -> assertThat(Path.of("../docs/checks", id + ".md")).exists());
    }

    private String output(String what, String of) {
        return switch (what) {
            case "run" -> "$ plumbline " + of + "\n" + run(of);
            case "finding" -> "$ plumbline scan\n...\n" + finding(scan("..."), of);
            case "policy finding" ->
                "$ plumbline scan --policy docs/examples/book/psp-default.yaml\n...\n"
                        + finding(scan("../docs/examples/book/psp-default.yaml"), of);
            default -> "$ plumbline scan\n...\n" + row(scan("..."), of);
        };
    }

    private static String run(String words) {
        String[] all = Arrays.stream(words.split(" "))
                .map(word -> word.startsWith("docs/") ? "../" + word : word)
                .toArray(String[]::new);
        return Commands.run(all).out().replace("../docs/", "docs/");
    }

    private List<String> scan(String policy) {
        return scans.computeIfAbsent(policy, key -> {
            List<String> words = new ArrayList<>(List.of(
                    "scan",
                    "--proc",
                    CapturedNode.kubernetes().resolve("proc").toString(),
                    "--pods",
                    CapturedNode.kubernetes().resolve("kubelet-pods.json").toString(),
                    "--host-root",
                    CapturedNode.kubernetesBundles().toString()));
            if (!policy.equals("...")) {
                words.addAll(List.of("--policy", policy));
            }
            return Commands.run(words.toArray(String[]::new)).out().lines().toList();
        });
    }

    /** From its heading to the next empty line. */
    private static String finding(List<String> lines, String heading) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).endsWith(" " + heading)) {
                int end = i;
                while (end < lines.size() && !lines.get(end).isBlank()) {
                    end++;
                }
                return text(lines.subList(i, end));
            }
        }
        throw new AssertionError("no finding " + heading + " in\n" + String.join("\n", lines));
    }

    /** Its line of the table, with those that its cells go on in. */
    private static String row(List<String> lines, String name) {
        String start = name.substring(0, Math.min(name.length(), 20));
        int header = lines.indexOf(lines.stream()
                .filter(line -> line.startsWith("CONTAINER "))
                .findFirst()
                .orElseThrow());
        for (int i = header; i < lines.size(); i++) {
            if (lines.get(i).startsWith(start)) {
                int end = i + 1;
                while (!lines.get(end).isBlank() && !ROW.matcher(lines.get(end)).matches()) {
                    end++;
                }
                return lines.get(header) + "\n" + text(lines.subList(i, end));
            }
        }
        throw new AssertionError("no row " + name);
    }

    private static String text(List<String> lines) {
        return lines.stream().map(line -> line.stripTrailing() + "\n").collect(Collectors.joining());
    }
}
