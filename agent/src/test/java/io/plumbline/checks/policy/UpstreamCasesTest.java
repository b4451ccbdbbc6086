package io.plumbline.checks.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kubernetes.ManifestReader;
import io.plumbline.model.Manifest;
import io.plumbline.model.PolicyViolation;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The pods that the Kubernetes authors made for version 1.29, each judged as admission judges it. */
class UpstreamCasesTest {

    private static final PodSecurityVersion VERSION = new PodSecurityVersion(29);

    /** A file of baseline's check stands at restricted too, where another check has its place. */
    private static final Map<String, String> REPLACED = Map.of(
            "capabilities-baseline", "capabilities-restricted",
            "host-path-volumes", "restricted-volumes",
            "seccomp-profile-baseline", "seccomp-profile-restricted");

    /** What a pod of the case cannot but violate too: privileged excludes the promise, a host process needs the host's network. */
    private static final Map<String, Set<String>> BESIDE = Map.of(
            "privileged", Set.of("allow-privilege-escalation"),
            "windows-host-process", Set.of("host-namespaces"),
            "allow-privilege-escalation", Set.of("capabilities-restricted"));

    private final PodSecurityStandards standards = new PodSecurityStandards(PolicyChecks.all());

    @TestFactory
    Stream<DynamicTest> podsThatPassAreAllowed() throws Exception {
        return cases("pass")
                .map(file -> DynamicTest.dynamicTest(
                        name(file), () -> assertThat(violated(file)).isEmpty()));
    }

    @TestFactory
    Stream<DynamicTest> podsThatFailViolateTheCheckThatTheyAreNamedAfter() throws Exception {
        return cases("fail")
                .map(file -> DynamicTest.dynamicTest(name(file), () -> {
                    String named = check(file);
                    String wanted =
                            level(file) == PodSecurityLevel.RESTRICTED ? REPLACED.getOrDefault(named, named) : named;
                    List<String> violated = violated(file);
                    assertThat(violated).contains(wanted);
                    assertThat(violated)
                            .filteredOn(check -> !check.equals(wanted))
                            .isSubsetOf(BESIDE.getOrDefault(wanted, Set.of()));
                }));
    }

    @Test
    void everyCaseIsThere() throws Exception {
        assertThat(cases("pass")).hasSize(11 + 19);
        assertThat(cases("fail")).hasSize(29 + 69);
    }

    private List<String> violated(Path file) throws Exception {
        List<Manifest> read = new ArrayList<>();
        new ManifestReader().read(file, read::add);
        assertThat(read).hasSize(1);
        assertThat(read.get(0).notes()).isEmpty();
        return standards.judge(read.get(0).pod().orElseThrow(), level(file), VERSION).stream()
                .map(PolicyViolation::check)
                .toList();
    }

    private static Stream<Path> cases(String answer) throws IOException, URISyntaxException {
        List<Path> cases = new ArrayList<>();
        for (PodSecurityLevel level : List.of(PodSecurityLevel.BASELINE, PodSecurityLevel.RESTRICTED)) {
            String directory = "/pod-security/" + level.word() + "/" + VERSION + "/" + answer;
            Path found = Path.of(Objects.requireNonNull(UpstreamCasesTest.class.getResource(directory), directory)
                    .toURI());
            try (Stream<Path> files = Files.list(found)) {
                cases.addAll(files.sorted().toList());
            }
        }
        return cases.stream();
    }

    private static PodSecurityLevel level(Path file) {
        return PodSecurityLevel.ofWord(String.valueOf(file.getName(file.getNameCount() - 4)))
                .orElseThrow();
    }

    private static String name(Path file) {
        return level(file).word() + " " + file.getFileName();
    }

    /** {@code hostpathvolumes1.yaml} is a case of {@code host-path-volumes}. */
    private static String check(Path file) {
        String named = String.valueOf(file.getFileName())
                .replaceAll("\\d*\\.yaml$", "")
                .replace("_", "");
        return PolicyChecks.all().stream()
                .map(PolicyCheck::id)
                .filter(id -> id.replace("-", "").equals(named))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no check for " + file));
    }
}
