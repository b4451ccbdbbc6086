package io.plumbline.checks.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The levels that a namespace's labels ask for, as Pod Security admission reads them. */
final class NamespaceLevels {

    private static final String PREFIX = "pod-security.kubernetes.io/";
    private static final List<String> MODES = List.of("enforce", "audit", "warn");

    private NamespaceLevels() {}

    /** One of the modes, with its level. */
    record Wanted(String mode, PodSecurityLevel level, PodSecurityVersion version) {
        String words(PodSecurityVersion known) {
            return "namespace label " + mode + ": " + level.word() + " " + known;
        }
    }

    /**
     * Those that are set; empty where no label is, and then the built-in policy holds. As admission takes them, a level that nobody knows
     * is restricted to enforce and privileged to audit and to warn, and a version that nobody knows is the latest: {@code
     * PolicyToEvaluate} of pod-security-admission.
     *
     * @param latest what the cluster takes for the latest version
     */
    static Optional<List<Wanted>> of(Map<String, String> labels, PodSecurityVersion latest) {
        List<Wanted> wanted = new ArrayList<>();
        for (String mode : MODES) {
            String level = labels.get(PREFIX + mode);
            if (level != null) {
                String version = labels.getOrDefault(PREFIX + mode + "-version", "latest");
                PodSecurityLevel otherwise =
                        mode.equals("enforce") ? PodSecurityLevel.RESTRICTED : PodSecurityLevel.PRIVILEGED;
                wanted.add(new Wanted(
                        mode,
                        PodSecurityLevel.ofWord(level).orElse(otherwise),
                        PodSecurityVersion.of(version)
                                .filter(one -> !one.equals(PodSecurityVersion.LATEST))
                                .orElse(latest)));
            }
        }
        return wanted.isEmpty() ? Optional.empty() : Optional.of(wanted);
    }
}
