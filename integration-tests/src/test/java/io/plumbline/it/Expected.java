package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.SoftAssertions;

/**
 * A finding that a scan must have.
 *
 * @param container nothing where the finding is not of one container
 * @param cause nothing where the test does not ask for one
 * @param pids exactly the processes of the finding
 * @param evidence the name of the kernel's file, and how the line in it begins or what it holds
 */
record Expected(
        Pod pod, String container, String check, String severity, String cause, Set<Long> pids, Evidence evidence) {
    Expected {
        pids = new TreeSet<>(pids);
    }

    record Evidence(String file, String part) {}

    static Expected of(Running running, Running.Container container, String check, String severity) {
        return new Expected(running.pod(), container.name(), check, severity, "", Set.of(), new Evidence("", ""));
    }

    Expected by(Long... processes) {
        Set<Long> all = Arrays.stream(processes).collect(Collectors.toSet());
        return new Expected(pod, container, check, severity, cause, all, evidence);
    }

    /** The runtime was told what was declared; the kernel shows something else. */
    Expected afterStart() {
        return because("after-start");
    }

    /** The runtime was told something else than what was declared. */
    Expected grantedByRuntime() {
        return because("granted-by-runtime");
    }

    Expected because(String other) {
        return new Expected(pod, container, check, severity, other, pids, evidence);
    }

    Expected shownBy(String file, String part) {
        return new Expected(pod, container, check, severity, cause, pids, new Evidence(file, part));
    }

    /** The only one of its container and check, with everything that is expected of it. */
    void in(Scan scan) {
        var found = scan.drift().stream().filter(this::isAbout).toList();
        assertThat(found)
                .as("%s of %s/%s, by %s", check, pod.name(), container, pids)
                .hasSize(1);
        Finding finding = found.get(0);
        var soft = new SoftAssertions();
        soft.assertThat(finding.text("severity")).as("severity").isEqualTo(severity);
        if (!cause.isEmpty()) {
            soft.assertThat(finding.text("cause")).as("cause").isEqualTo(cause);
        }
        if (!pids.isEmpty()) {
            soft.assertThat(finding.pids()).as("pids").isEqualTo(pids);
        }
        soft.assertThat(finding.text("message")).as("message").isNotBlank();
        soft.assertThat(finding.text("remedy")).as("remedy").isNotBlank();
        if (!evidence.file.isEmpty()) {
            soft.assertThat(finding.evidence())
                    .as("evidence")
                    .anyMatch(each ->
                            each.source().endsWith(evidence.file) && each.line().contains(evidence.part));
        }
        finding.evidence()
                .forEach(each -> soft.assertThat(isInKernel(each))
                        .as("evidence, word by word as the kernel has it: %s", each)
                        .isTrue());
        soft.assertThat(soft.wasSuccess() ? "" : finding.toString())
                .as("the finding")
                .isEmpty();
        soft.assertAll();
    }

    boolean isAbout(Finding finding) {
        return finding.check().equals(check)
                && finding.text("podUid").equals(pod.uid())
                && finding.text("container").equals(container);
    }

    /** Evidence of a process can be looked up again, as long as the process is there. */
    private static boolean isInKernel(Finding.Evidence evidence) {
        Path source = Path.of(evidence.source());
        if (!evidence.source().matches("/proc/\\d+/(?!net/).*") || !Files.exists(source)) {
            return true;
        }
        try {
            if (Files.isSymbolicLink(source)) {
                return Files.readSymbolicLink(source).toString().equals(evidence.line());
            }
            return new String(Files.readAllBytes(source), java.nio.charset.StandardCharsets.UTF_8)
                    .lines()
                    .anyMatch(
                            line -> line.stripTrailing().equals(evidence.line().stripTrailing()));
        } catch (IOException e) {
            return false;
        }
    }
}
