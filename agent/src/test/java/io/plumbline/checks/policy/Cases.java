package io.plumbline.checks.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.ManifestReader;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** A table of one check: pods that it allows in a version, and pods that it does not, with what it says of them. */
final class Cases {

    private final String check;
    private final List<DynamicTest> tests = new ArrayList<>();
    private String wayOut;
    private String version = "v1.0";

    private Cases(String check, String wayOut) {
        this.check = check;
        this.wayOut = wayOut;
    }

    /** @param wayOut what each message ends with, but for the full stop */
    static Cases of(String check, String wayOut) {
        return new Cases(check, wayOut);
    }

    /** What follows is judged as in this version. */
    Cases in(String version) {
        this.version = version;
        return this;
    }

    Cases wayOut(String other) {
        wayOut = other;
        return this;
    }

    /** @param pod its fields but for kind and apiVersion, as YAML */
    Cases allows(String name, String pod) {
        String asked = version;
        tests.add(DynamicTest.dynamicTest(
                asked + " allows " + name,
                () -> assertThat(judge(check, asked, pod)).as(pod).isEmpty()));
        return this;
    }

    /** @param what what is wrong, and where */
    Cases forbids(String name, String pod, String what) {
        String asked = version;
        String message = what + ". " + wayOut + ".";
        tests.add(DynamicTest.dynamicTest(
                asked + " forbids " + name,
                () -> assertThat(judge(check, asked, pod)).as(pod).contains(message)));
        return this;
    }

    Stream<DynamicTest> stream() {
        return tests.stream();
    }

    /** What the check's edition of that version says; it must have one. */
    static Optional<String> judge(String check, String version, String pod) {
        PodSecurityVersion asked = PodSecurityVersion.of(version).orElseThrow();
        Edition edition = PolicyChecks.all().stream()
                .filter(one -> one.id().equals(check))
                .flatMap(one -> one.editions().stream())
                .filter(one -> one.since().compareTo(asked) <= 0)
                .reduce((older, newer) -> newer)
                .orElseThrow();
        return edition.rule().judge(pod(pod));
    }

    static DeclaredPod pod(String fields) {
        String manifest = "apiVersion: v1\nkind: Pod\n" + fields;
        List<Manifest> read = new ArrayList<>();
        try {
            new ManifestReader().read(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8)), read::add);
        } catch (IOException | ManifestException e) {
            throw new IllegalArgumentException(manifest, e);
        }
        assertThat(read).hasSize(1);
        assertThat(read.get(0).notes()).as(manifest).isEmpty();
        return read.get(0).pod().orElseThrow();
    }
}
