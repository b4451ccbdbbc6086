package io.plumbline.findings;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** The stable name of a finding: the same container and check have the same one, on every scan and after a restart of the agent. */
final class FindingId {

    private static final int BYTES = 6;

    private FindingId() {}

    static String of(
            String node, FindingKind kind, String check, ContainerIdentity container, Optional<String> profile) {
        String text = String.join(
                "\n",
                node,
                kind.word(),
                check,
                container.podUid(),
                container.container().orElse(""),
                container.containerId() + profile.map(name -> "\n" + name).orElse(""));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
