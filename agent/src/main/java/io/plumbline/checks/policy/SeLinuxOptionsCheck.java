package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An SELinux type is one of those made for containers; user and role are the runtime's choice.
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.seLinuxOptions.type} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> unset, empty, {@code container_t}, {@code container_init_t}, {@code container_kvm_t}
 *
 * <p><b>Restricted Fields:</b> {@code securityContext.seLinuxOptions.user} and {@code .role} of the pod and of every container
 *
 * <p><b>Allowed Values:</b> unset, empty
 *
 * <p>v1.31: {@code container_engine_t} is allowed too.
 */
final class SeLinuxOptionsCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "se-linux-options",
            PodSecurityLevel.BASELINE,
            "SELinux label beyond those for containers",
            "An SELinux type is one of those made for containers; user and role are the runtime's choice. Baseline, from v1.0; container_engine_t from v1.31.",
            "securityContext.seLinuxOptions.type, .user and .role of the pod and of every container",
            "type unset, empty, container_t, container_init_t, container_kvm_t, container_engine_t; user and role unset, empty",
            "Use one of the allowed types, and leave user and role out");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public PodSecurityLevel level() {
        return PodSecurityLevel.BASELINE;
    }

    @Override
    public List<Edition> editions() {
        return List.of(
                Edition.since(0, pod -> options(pod, TYPES)), Edition.since(31, pod -> options(pod, TYPES_1_31)));
    }

    private static final Set<String> TYPES = Set.of("container_t", "container_init_t", "container_kvm_t");
    private static final Set<String> TYPES_1_31 =
            Set.of("container_t", "container_init_t", "container_kvm_t", "container_engine_t");

    private static Optional<String> options(DeclaredPod pod, Set<String> types) {
        Offences offences = new Offences();
        pod.security()
                .seLinuxOptions()
                .ifPresent(options -> forbidden(options, types).forEach(offences::inPod));
        for (DeclaredContainer container : pod.containers()) {
            container
                    .security()
                    .seLinuxOptions()
                    .ifPresent(options -> forbidden(options, types).forEach(what -> offences.in(container, what)));
        }
        return offences.message(
                "Leave user and role out, and type too or use one of " + String.join(", ", new TreeSet<>(types)));
    }

    private static List<String> forbidden(SeLinuxOptions options, Set<String> types) {
        List<String> forbidden = new ArrayList<>();
        options.type()
                .filter(type -> !type.isEmpty() && !types.contains(type))
                .ifPresent(type -> forbidden.add("securityContext.seLinuxOptions.type is " + Offences.quoted(type)));
        options.user()
                .filter(user -> !user.isEmpty())
                .ifPresent(user -> forbidden.add("securityContext.seLinuxOptions.user is " + Offences.quoted(user)));
        options.role()
                .filter(role -> !role.isEmpty())
                .ifPresent(role -> forbidden.add("securityContext.seLinuxOptions.role is " + Offences.quoted(role)));
        return forbidden;
    }
}
