package io.plumbline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/** Manifests for {@code plumbline lint}. */
final class Manifests {
    /** Of a pod that baseline allows and restricted does not. */
    static final String GOOD = "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\nspec: {containers: [{name: a}]}\n";

    /** Of a pod that baseline does not allow, for two reasons. */
    static final String BAD =
            "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec: {hostPID: true, containers: [{name: a, securityContext:"
                    + " {privileged: true}}]}\n";

    /** No YAML, from its second line on. */
    static final String BROKEN = "kind: Pod\n  tab: x\n";

    private Manifests() {}

    /** Writes a manifest, with the directories above it, and returns the file's name. */
    static String write(Path file, String text) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return Files.writeString(file, text).toString();
    }
}
