package io.plumbline.checks.inert;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.Credentials;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredContainer.Status;
import io.plumbline.model.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A capability added for a user other than root, that no process of the container holds.
 *
 * <p>The exec of a user other than root clears the permitted set (capabilities(7)); no runtime sets an ambient one for Kubernetes, so
 * that only a program with file capabilities gets it. A container that starts as root and lowers itself had it, and is not meant.
 */
final class CapabilityNotHeld implements InertRule {

    @Override
    public Optional<Inert> judge(Subject subject) {
        List<String> add =
                subject.security().capabilities().map(Capabilities::add).orElse(List.of());
        Optional<Long> user = user(subject);
        if (add.isEmpty()
                || subject.isPrivileged()
                || subject.mayBeSandboxed()
                || user.filter(uid -> uid != 0).isEmpty()) {
            return Optional.empty();
        }
        CapabilitySet wanted = CapabilitySet.named(add);
        List<Evidence> evidence = new ArrayList<>();
        CapabilitySet held = CapabilitySet.NONE;
        for (AttributedProcess process : subject.processes()) {
            Optional<Credentials> credentials = process.process().credentials().observed();
            if (credentials.isEmpty()) {
                return Optional.empty(); // what was not seen may hold it
            }
            held = held.union(credentials.get().permitted())
                    .union(credentials.get().ambient());
            evidence.add(new Evidence(
                    process.process().file("status"),
                    "CapPrm:\t" + credentials.get().permitted()));
        }
        CapabilitySet without = wanted.minus(held);
        if (evidence.isEmpty() || without.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.CAPABILITY_NOT_HELD,
                "capabilities.add: " + String.join(", ", add) + ", user " + user.get(),
                "the exec of user " + user.get() + " clears " + String.join(", ", without.names())
                        + ", and the program has no file capabilities that would keep it",
                "Give the program file capabilities (setcap) in the image, run it as root with nothing but these"
                        + " capabilities, or take them out",
                evidence.subList(0, Math.min(3, evidence.size()))));
    }

    /** As whom the container starts; empty where nothing says so. */
    private static Optional<Long> user(Subject subject) {
        return subject.security()
                .runAsUser()
                .or(() -> subject.pod().security().runAsUser())
                .or(() -> subject.granted().map(bundle -> bundle.user().uid()))
                .or(() -> subject.container().status().flatMap(Status::user).map(user -> user.uid()));
    }
}
