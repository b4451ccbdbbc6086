package io.plumbline.kernel.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.NamespaceType;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** The numbers in Java are those of {@code plumbline.h}, as the C compiler sees them. */
class PlumblineHeaderTest {

    private static final Pattern LINE = Pattern.compile(" *static final int (\\w+) = (\\w+);");

    @Test
    void everyNumberIsTheHeadersOwn() throws Exception {
        assertThat(numbersOfTheHeader()).containsAllEntriesOf(numbersInJava());
    }

    @Test
    void everyNamespaceHasAPlace() {
        assertThat(NamespaceType.values())
                .extracting(ScannedProcess::index)
                .doesNotHaveDuplicates()
                .hasSize(NamespaceType.values().length);
    }

    private static Map<String, Integer> numbersInJava() throws IllegalAccessException {
        Map<String, Integer> numbers = new TreeMap<>();
        for (Field field : PlumblineHeader.class.getDeclaredFields()) {
            numbers.put(field.getName(), field.getInt(null));
        }
        assertThat(numbers).hasSizeGreaterThan(50);
        return numbers;
    }

    private static Map<String, Integer> numbersOfTheHeader() throws IOException, InterruptedException {
        Path sources = Path.of(System.getProperty("plumbline.repository", "..")).resolve("native-helpers");
        Assumptions.assumeTrue(Files.exists(sources.resolve("Makefile")), "no sources of the C library here");
        Process make = new ProcessBuilder("sh", "-c", "command -v make && command -v cc && exec make -s constants")
                .directory(sources.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = make.waitFor();
        Assumptions.assumeTrue(status == 0 || output.contains("NH_ABI"), "no make or no C compiler");
        return output.lines()
                .map(LINE::matcher)
                .filter(java.util.regex.Matcher::matches)
                .collect(Collectors.toMap(
                        match -> match.group(1),
                        match -> Long.decode(match.group(2)).intValue()));
    }
}
