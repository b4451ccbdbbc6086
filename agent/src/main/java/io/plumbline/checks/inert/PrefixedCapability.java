package io.plumbline.checks.inert;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.Credentials;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.Evidence;
import io.plumbline.model.OciBundle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A capability by a name that begins with {@code CAP_}, which Kubernetes' names do not.
 *
 * <p>containerd puts {@code CAP_} in front of each name ({@code WithCapabilities}), so that {@code CAP_NET_RAW} becomes a name that
 * nobody knows: what is dropped so stays, what is added so does not come, and nothing says it. CRI-O and Docker take both spellings.
 */
final class PrefixedCapability implements InertRule {

    private static final String PREFIX = "CAP_";
    private static final String EVERY = "CAP_ALL";

    @Override
    public Optional<Inert> judge(Subject subject) {
        Optional<Held> held = held(subject);
        if (!subject.runtime().equals("containerd")
                || subject.isPrivileged()
                || subject.mayBeSandboxed()
                || held.isEmpty()) {
            return Optional.empty();
        }
        Capabilities asked = subject.security().capabilities().orElse(new Capabilities(List.of(), List.of()));
        CapabilitySet bounding = held.get().bounding();
        List<String> dropped = asked.drop().stream()
                .filter(name -> isPrefixed(name) && !isWithout(name, bounding.minus(CapabilitySet.named(asked.add()))))
                .toList();
        List<String> added = asked.add().stream()
                .filter(name -> isPrefixed(name) && held.get().told() && isWithout(name, bounding))
                .toList();
        if (dropped.isEmpty() && added.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.CAPABILITY_PREFIX,
                declared(dropped, added),
                subject.runtimeWords() + " puts CAP_ in front of each name itself, and so knows none of these",
                "Write the names of capabilities without CAP_",
                List.of(held.get().evidence())));
    }

    private static boolean isPrefixed(String name) {
        return name.toUpperCase(Locale.ROOT).startsWith(PREFIX);
    }

    private static boolean isWithout(String name, CapabilitySet set) {
        return name.equalsIgnoreCase(EVERY)
                ? set.isEmpty()
                : set.intersection(CapabilitySet.named(List.of(name))).isEmpty();
    }

    private static String declared(List<String> dropped, List<String> added) {
        List<String> parts = new ArrayList<>();
        if (!dropped.isEmpty()) {
            parts.add("capabilities.drop: " + String.join(", ", dropped));
        }
        if (!added.isEmpty()) {
            parts.add("capabilities.add: " + String.join(", ", added));
        }
        return String.join("; ", parts);
    }

    /**
     * What the container may have at most.
     *
     * @param told by what the runtime was told: a process may have lowered its own
     */
    private record Held(CapabilitySet bounding, boolean told, Evidence evidence) {}

    private static Optional<Held> held(Subject subject) {
        Optional<OciBundle> bundle = subject.granted();
        return bundle.isPresent()
                ? bundle.map(PrefixedCapability::held)
                : subject.processes().stream().findFirst().flatMap(PrefixedCapability::held);
    }

    private static Held held(OciBundle bundle) {
        CapabilitySet bounding = bundle.capabilities().bounding();
        return new Held(
                bounding,
                true,
                new Evidence(bundle.source(), "capabilities.bounding: " + String.join(", ", bounding.names())));
    }

    private static Optional<Held> held(AttributedProcess process) {
        return process.process()
                .credentials()
                .observed()
                .map(Credentials::bounding)
                .map(set -> new Held(set, false, new Evidence(process.process().file("status"), "CapBnd:\t" + set)));
    }
}
