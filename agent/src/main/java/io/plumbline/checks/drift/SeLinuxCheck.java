package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where seLinuxOptions are declared and SELinux is on, the type and the level of every process's label are the declared ones. */
final class SeLinuxCheck implements ContainerCheck {

    private static final int TYPE = 2;
    private static final int LEVEL = 3;

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "selinux",
            FindingKind.DRIFT,
            "high",
            "Process has another SELinux label than its container declares",
            "Where SELinux is on and seLinuxOptions name a type or a level, every process of the container has them in its label.",
            "/proc/<pid>/attr/current, against seLinuxOptions of container and pod",
            "Check the runtime's SELinux support (enable_selinux, container-selinux) and delete the pod.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        Optional<SeLinuxOptions> promise = container.expected().seLinux().value();
        Reading<Boolean> on = node.facts().seLinux();
        if (container.isSandbox()
                || on.equals(Reading.of(false))
                || (promise.isEmpty() && on.observed().isEmpty())) {
            return Optional.empty();
        }
        List<String> wanted = new ArrayList<>();
        promise.flatMap(SeLinuxOptions::type).ifPresent(wanted::add);
        promise.flatMap(SeLinuxOptions::level).ifPresent(wanted::add);
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().seLinux().declared(),
                        wanted.isEmpty() ? List.of("any") : wanted)
                .granted(
                        bundle -> List.of(bundle.selinuxLabel().orElse("none")),
                        bundle -> promise.filter(options ->
                                        !matches(options, bundle.selinuxLabel().orElse("")))
                                .isPresent());
        for (AttributedProcess process : container.settled().toList()) {
            Optional<String> label = process.process().label().observed();
            if (label.isEmpty() || (on.observed().isEmpty() && label.get().split(":", -1).length <= TYPE)) {
                // Another module's label says nothing of SELinux.
                if (promise.isPresent()) {
                    judgement.cannotTell(
                            process,
                            on.observed().isEmpty() ? on : process.process().label());
                }
                continue;
            }
            judgement.effective(label.get(), process, "attr/current", label::get);
            if (promise.isPresent() && !matches(promise.get(), label.get())) {
                judgement.offends(process, "attr/current", label.get());
            }
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.HIGH,
                                judgement.who() + " " + judgement.verb("run") + " under another label than "
                                        + String.join(" ", wanted))
                        : judgement.conforms());
    }

    /** {@code user:role:type:level}, where the level itself may hold colons. */
    private static boolean matches(SeLinuxOptions wanted, String label) {
        String[] fields = label.strip().split(":", LEVEL + 1);
        return fields.length > TYPE
                && wanted.type().map(fields[TYPE]::equals).orElse(true)
                && wanted.level()
                        .map(level -> fields.length > LEVEL && fields[LEVEL].equals(level))
                        .orElse(true);
    }
}
