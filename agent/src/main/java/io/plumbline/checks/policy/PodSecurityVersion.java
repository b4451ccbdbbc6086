package io.plumbline.checks.policy;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of the standards: they change with the minor versions of Kubernetes.
 *
 * @param minor the N of v1.N, from 0 on
 */
public record PodSecurityVersion(int minor) implements Comparable<PodSecurityVersion> {

    /** Newer than every other. */
    public static final PodSecurityVersion LATEST = new PodSecurityVersion(Integer.MAX_VALUE);

    private static final Pattern RELEASE = Pattern.compile("v1\\.(0|[1-9][0-9]{0,8})\\..*");
    private static final Pattern FORM = Pattern.compile("v1\\.(0|[1-9][0-9]{0,8})");

    public PodSecurityVersion {
        if (minor < 0) {
            throw new IllegalArgumentException("no version v1." + minor);
        }
    }

    /** {@code latest} or {@code v1.N}; empty for everything else, as a namespace's label has it too. */
    public static Optional<PodSecurityVersion> of(String text) {
        if (text.equals("latest")) {
            return Optional.of(LATEST);
        }
        Matcher form = FORM.matcher(text);
        return form.matches() ? Optional.of(new PodSecurityVersion(Integer.parseInt(form.group(1)))) : Optional.empty();
    }

    /** The one of a release of Kubernetes: v1.32 of {@code v1.32.2-gke.1182001}. */
    public static Optional<PodSecurityVersion> ofRelease(String release) {
        Matcher form = RELEASE.matcher(release);
        return form.matches() ? Optional.of(new PodSecurityVersion(Integer.parseInt(form.group(1)))) : Optional.empty();
    }

    @Override
    public int compareTo(PodSecurityVersion other) {
        return Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return equals(LATEST) ? "latest" : "v1." + minor;
    }
}
