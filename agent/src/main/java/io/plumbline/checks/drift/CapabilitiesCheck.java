package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Credentials;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * No task of a container has, or can get back, a capability that the container does not declare.
 *
 * <p>Bounding, permitted and ambient sets of every thread, see capabilities(7). A process that is not root has empty permitted and
 * effective sets while its bounding set stays full: grants are judged by the bounding set. Inside of a user namespace of its own the
 * sets say nothing about the host; such a process is the business of {@code nested-user-namespace}.
 */
final class CapabilitiesCheck implements ContainerCheck {

    static final CapabilitySet NODE_AT_RISK = CapabilitySet.of(
            Capability.SYS_ADMIN,
            Capability.SYS_MODULE,
            Capability.SYS_PTRACE,
            Capability.BPF,
            Capability.DAC_READ_SEARCH);

    private static final int NAMED = 4;

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "capabilities",
            FindingKind.DRIFT,
            "critical or high, by the worst capability",
            "Process holds capabilities that its container does not declare",
            "No task of a container has a capability in its bounding, permitted or ambient set beyond securityContext.capabilities on top"
                    + " of the runtime's default set.",
            "CapBnd, CapPrm and CapAmb of /proc/<pid>/status and /proc/<pid>/task/<tid>/status, against capabilities.add and .drop, the"
                    + " runtime's default set and, for a privileged container, the runtime daemon's own set",
            "If the container needs them, declare them in securityContext.capabilities.add; else find out who gave them (see the processes)"
                    + " and delete the pod.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        Promise<CapabilitySet> promise = container.expected().capabilities();
        if (container.isSandbox()) {
            return Optional.empty();
        }
        if (promise.value().isEmpty()) {
            return Optional.of(unpromised(container, promise));
        }
        CapabilitySet expected = promise.value().get();
        Judgement judgement = new Judgement(DESCRIPTION, container, promise.declared(), expected.names())
                .granted(
                        bundle -> bundle.capabilities().bounding().names(),
                        bundle -> !bundle.capabilities()
                                .bounding()
                                .union(bundle.capabilities().permitted())
                                .minus(expected)
                                .isEmpty());
        CapabilitySet held = CapabilitySet.NONE;
        CapabilitySet excess = CapabilitySet.NONE;
        for (AttributedProcess process : container.settled().toList()) {
            UserNamespaces.Place place = UserNamespaces.of(process, container, node, judgement);
            if (place == UserNamespaces.Place.NESTED || place == UserNamespaces.Place.UNKNOWN) {
                continue;
            }
            for (Tasks task : Tasks.of(process, judgement)) {
                CapabilitySet all = union(task.credentials());
                if (!all.minus(held).isEmpty()) {
                    held = held.union(all);
                    judgement.seen(process, task.file(), () -> StatusLine.bounding(task.credentials()));
                }
                CapabilitySet beyond = all.minus(expected);
                if (!beyond.isEmpty()) {
                    excess = excess.union(beyond);
                    line(task.credentials(), expected).forEach(text -> judgement.offends(process, task.file(), text));
                }
            }
        }
        judgement.effective(held.names());
        if (excess.isEmpty()) {
            return Optional.of(judgement.conforms());
        }
        Severity severity = excess.intersection(NODE_AT_RISK).isEmpty() ? Severity.HIGH : Severity.CRITICAL;
        return Optional.of(
                judgement.violates(severity, judgement.who() + " " + judgement.verb("hold") + " " + words(excess)));
    }

    /** Anything conforms where nothing is promised; what is held is shown. */
    private static Verdict unpromised(ContainerView container, Promise<CapabilitySet> promise) {
        Judgement judgement = new Judgement(DESCRIPTION, container, promise.declared(), List.of("any"))
                .granted(bundle -> bundle.capabilities().bounding().names(), bundle -> false);
        CapabilitySet held = CapabilitySet.NONE;
        for (AttributedProcess process : container.settled().toList()) {
            Optional<Credentials> credentials = process.process().credentials().observed();
            CapabilitySet all = credentials.map(CapabilitiesCheck::union).orElse(CapabilitySet.NONE);
            if (!all.minus(held).isEmpty()) {
                held = held.union(all);
                judgement.seen(process, "status", () -> StatusLine.bounding(credentials.orElseThrow()));
            }
        }
        judgement.effective(held.names());
        return judgement.conforms();
    }

    private static CapabilitySet union(Credentials credentials) {
        return credentials.bounding().union(credentials.permitted()).union(credentials.ambient());
    }

    private static List<String> line(Credentials credentials, CapabilitySet expected) {
        if (!credentials.bounding().minus(expected).isEmpty()) {
            return List.of(StatusLine.bounding(credentials));
        }
        return credentials.permitted().minus(expected).isEmpty()
                ? List.of("CapAmb:\t" + credentials.ambient())
                : List.of("CapPrm:\t" + credentials.permitted());
    }

    /** The dangerous ones first, a few by name. */
    private static String words(CapabilitySet excess) {
        CapabilitySet worst =
                excess.intersection(NODE_AT_RISK.union(CapabilitySet.of(Capability.SYS_TIME, Capability.NET_ADMIN)));
        List<String> names = Stream.concat(worst.names().stream(), excess.minus(worst).names().stream())
                .toList();
        return names.size() <= NAMED
                ? String.join(", ", names)
                : String.join(", ", names.subList(0, NAMED)) + " and " + (names.size() - NAMED) + " more";
    }
}
