package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredContainer.Port;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PodSecurityPolicy.IdRule;
import io.plumbline.model.PodSecurityPolicy.Range;
import io.plumbline.model.PodSecurityPolicy.Rule;
import io.plumbline.model.PolicyViolation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a PodSecurityPolicy has against a pod in which its defaults are filled: pkg/security/podsecuritypolicy/provider.go,
 * ValidatePod. One violation per check.
 */
final class PspRules {

    /** pkg/security/podsecuritypolicy/sysctl/mustmatchpatterns.go */
    private static final Set<String> SAFE_SYSCTLS = Set.of(
            "kernel.shm_rmid_forced",
            "net.ipv4.ip_local_port_range",
            "net.ipv4.tcp_syncookies",
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start");

    private final PodSecurityPolicy policy;
    private final DeclaredPod pod;
    private final List<PolicyViolation> violations = new ArrayList<>();

    PspRules(PodSecurityPolicy policy, DeclaredPod pod) {
        this.policy = policy;
        this.pod = pod;
    }

    List<PolicyViolation> violations() {
        hostNamespaces();
        privileged();
        capabilities();
        hostPorts();
        violations.addAll(new PspVolumeRules(policy, pod).violations());
        seLinux();
        user();
        group();
        groupsOfThePod();
        readOnlyRoot();
        escalation();
        sysctls();
        procMount();
        runtimeClass();
        profiles();
        return violations;
    }

    private void found(String check, Offences offences, String wayOut) {
        offences.message(wayOut).ifPresent(message -> violations.add(new PolicyViolation(check, message)));
    }

    private void hostNamespaces() {
        Offences offences = new Offences();
        if (pod.hostNetwork() && !policy.hostNetwork()) {
            offences.plain("hostNetwork is true");
        }
        if (pod.hostPid() && !policy.hostPid()) {
            offences.plain("hostPID is true");
        }
        if (pod.hostIpc() && !policy.hostIpc()) {
            offences.plain("hostIPC is true");
        }
        found("host-namespaces", offences, "Take it out");
    }

    private void privileged() {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            if (!policy.privileged() && container.security().privileged().orElse(false)) {
                offences.in(container, "securityContext.privileged is true");
            }
        }
        found("privileged", offences, "Take it out");
    }

    private void capabilities() {
        Offences added = new Offences();
        Offences kept = new Offences();
        Set<String> allowed = new TreeSet<>(policy.allowedCapabilities());
        allowed.addAll(policy.defaultAddCapabilities());
        for (DeclaredContainer container : pod.containers()) {
            List<String> add =
                    container.security().capabilities().map(Capabilities::add).orElse(List.of());
            List<String> beyond =
                    add.stream().filter(name -> !allowed.contains(name)).toList();
            if (!beyond.isEmpty() && !policy.allowedCapabilities().contains("*")) {
                added.in(container, "securityContext.capabilities.add has " + Offences.quoted(beyond));
            }
            List<String> contested = add.stream()
                    .filter(policy.requiredDropCapabilities()::contains)
                    .toList();
            if (!contested.isEmpty() && !policy.allowedCapabilities().contains("*")) {
                kept.in(
                        container,
                        "securityContext.capabilities.add has " + Offences.quoted(contested)
                                + ", which the policy drops");
            }
        }
        found(
                "capabilities-baseline",
                added,
                allowed.isEmpty() ? "Add none" : "Add no other than " + Offences.quoted(allowed));
        found("capabilities-restricted", kept, "Do not add what the policy drops");
    }

    private void hostPorts() {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            for (Port port : container.ports()) {
                port.hostPort()
                        .filter(number -> policy.hostPorts().stream().noneMatch(range -> range.contains(number)))
                        .ifPresent(number -> offences.in(container, "hostPort " + number + " is in no allowed range"));
            }
        }
        found(
                "host-ports",
                offences,
                policy.hostPorts().isEmpty() ? "Take it out" : "Use a port of " + ranges(policy.hostPorts()));
    }

    private void seLinux() {
        if (policy.seLinux().isEmpty()) {
            return;
        }
        SeLinuxOptions wanted = policy.seLinux().get();
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Optional<SeLinuxOptions> options = container
                    .security()
                    .seLinuxOptions()
                    .or(() -> pod.security().seLinuxOptions());
            if (options.isEmpty()) {
                offences.in(container, "securityContext.seLinuxOptions is not set");
                continue;
            }
            differs(wanted.user(), options.get().user(), "user").ifPresent(what -> offences.in(container, what));
            differs(wanted.role(), options.get().role(), "role").ifPresent(what -> offences.in(container, what));
            differs(wanted.type(), options.get().type(), "type").ifPresent(what -> offences.in(container, what));
            if (!level(wanted.level()).equals(level(options.get().level()))) {
                differs(wanted.level(), options.get().level(), "level").ifPresent(what -> offences.in(container, what));
            }
        }
        found("se-linux-options", offences, "Use the policy's seLinuxOptions, or leave them out");
    }

    private static Optional<String> differs(Optional<String> wanted, Optional<String> is, String field) {
        return wanted.orElse("").equals(is.orElse(""))
                ? Optional.empty()
                : Optional.of("seLinuxOptions." + field + " is " + Offences.quoted(is.orElse("")) + " and not "
                        + Offences.quoted(wanted.orElse("")));
    }

    /** Categories in another order are the same level. */
    private static Set<String> level(Optional<String> level) {
        String text = level.orElse("");
        int colon = text.indexOf(':');
        Set<String> parts = new HashSet<>(Set.of("level " + (colon < 0 ? text : text.substring(0, colon))));
        if (colon >= 0) {
            parts.addAll(Arrays.asList(text.substring(colon + 1).split(",", -1)));
        }
        return parts;
    }

    private void user() {
        IdRule rule = policy.runAsUser();
        Offences outside = new Offences();
        Offences root = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Optional<Long> user =
                    container.security().runAsUser().or(() -> pod.security().runAsUser());
            Optional<Boolean> nonRoot =
                    container.security().runAsNonRoot().or(() -> pod.security().runAsNonRoot());
            if (rule.rule() == Rule.MUST_RUN_AS) {
                if (user.isEmpty()) {
                    outside.in(container, "securityContext.runAsUser is not set");
                } else if (!rule.allows(user.get())) {
                    outside.in(container, "securityContext.runAsUser is " + user.get());
                }
            } else if (rule.rule() == Rule.MUST_RUN_AS_NON_ROOT) {
                if (nonRoot.filter(value -> !value).isPresent()) {
                    root.in(container, "securityContext.runAsNonRoot is false");
                } else if (nonRoot.isEmpty() && user.isEmpty()) {
                    root.in(container, "securityContext.runAsNonRoot is not set");
                }
                if (user.filter(uid -> uid == 0).isPresent()) {
                    root.in(container, "securityContext.runAsUser is 0");
                }
            }
        }
        found("run-as-user", outside, "Use a user of " + ranges(rule.ranges()));
        found("run-as-non-root", root, "Set runAsNonRoot to true and another user than 0");
    }

    private void group() {
        IdRule rule = policy.runAsGroup();
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Optional<Long> group =
                    container.security().runAsGroup().or(() -> pod.security().runAsGroup());
            if (group.isEmpty() && rule.rule() == Rule.MUST_RUN_AS) {
                offences.in(container, "securityContext.runAsGroup is not set");
            } else if (group.filter(gid -> !rule.allows(gid)).isPresent()) {
                offences.in(container, "securityContext.runAsGroup is " + group.get());
            }
        }
        found("run-as-group", offences, "Use a group of " + ranges(rule.ranges()));
    }

    private void groupsOfThePod() {
        groups(
                "fs-group",
                "fsGroup",
                policy.fsGroup(),
                pod.security().fsGroup().stream().toList());
        groups(
                "supplemental-groups",
                "supplementalGroups",
                policy.supplementalGroups(),
                pod.security().supplementalGroups());
    }

    private void groups(String check, String field, IdRule rule, List<Long> groups) {
        Offences offences = new Offences();
        if (groups.isEmpty() && rule.rule() == Rule.MUST_RUN_AS) {
            offences.inPod("securityContext." + field + " is not set");
        }
        for (Long group : groups) {
            if (!rule.allows(group)) {
                offences.inPod("securityContext." + field + " has " + group);
            }
        }
        found(check, offences, "Use groups of " + ranges(rule.ranges()));
    }

    private void readOnlyRoot() {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Optional<Boolean> readOnly = container.security().readOnlyRootFilesystem();
            if (policy.readOnlyRootFilesystem() && !readOnly.orElse(false)) {
                offences.in(
                        container,
                        "securityContext.readOnlyRootFilesystem is " + (readOnly.isPresent() ? "false" : "not set"));
            }
        }
        found("read-only-root-filesystem", offences, "Set it to true");
    }

    private void escalation() {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            Optional<Boolean> allow = container.security().allowPrivilegeEscalation();
            if (!policy.allowPrivilegeEscalation() && allow.orElse(true)) {
                offences.in(
                        container,
                        "securityContext.allowPrivilegeEscalation is " + (allow.isPresent() ? "true" : "not set"));
            }
        }
        found("allow-privilege-escalation", offences, "Set it to false");
    }

    private void sysctls() {
        Offences offences = new Offences();
        for (String name : new TreeSet<>(pod.security().sysctls().keySet())) {
            String dotted = name.replace('/', '.');
            if (matches(policy.forbiddenSysctls(), dotted)) {
                offences.plain("sysctl " + Offences.quoted(name) + " is forbidden");
            } else if (!SAFE_SYSCTLS.contains(dotted) && !matches(policy.allowedUnsafeSysctls(), dotted)) {
                offences.plain("sysctl " + Offences.quoted(name) + " is unsafe and not allowed");
            }
        }
        found("sysctls", offences, "Take it out of spec.securityContext.sysctls");
    }

    /** A pattern may end in {@code *}. */
    private static boolean matches(List<String> patterns, String name) {
        return patterns.stream()
                .map(pattern -> pattern.replace('/', '.'))
                .anyMatch(pattern -> pattern.endsWith("*")
                        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                        : pattern.equals(name));
    }

    private void procMount() {
        Offences offences = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            container
                    .security()
                    .procMount()
                    .filter(type -> !type.isEmpty()
                            && !type.equals("Default")
                            && !policy.allowedProcMountTypes().contains(type))
                    .ifPresent(type -> offences.in(container, "securityContext.procMount is " + Offences.quoted(type)));
        }
        found("proc-mount", offences, "Use Default, or leave it out");
    }

    private void runtimeClass() {
        Offences offences = new Offences();
        policy.runtimeClass()
                .ifPresent(classes -> pod.runtimeClassName()
                        .filter(name -> !classes.allowed().contains("*")
                                && !classes.allowed().contains(name))
                        .ifPresent(name -> offences.plain("runtimeClassName is " + Offences.quoted(name))));
        found(
                "allowed-runtime-classes",
                offences,
                "Use one of "
                        + Offences.quoted(policy.runtimeClass()
                                .map(classes -> classes.allowed())
                                .orElse(List.of())));
    }

    private void profiles() {
        Offences appArmor = new Offences();
        Offences seccomp = new Offences();
        for (DeclaredContainer container : pod.containers()) {
            PspProfiles.appArmorProblem(policy, PspProfiles.appArmor(pod, container))
                    .ifPresent(what -> appArmor.in(container, what));
            PspProfiles.seccompProblem(policy, PspProfiles.seccomp(pod, container))
                    .ifPresent(what -> seccomp.in(container, what));
        }
        found("app-armor-profile", appArmor, "Use one of " + PspProfiles.allowed(policy, PspProfiles.APPARMOR_ALLOWED));
        String allowed = PspProfiles.allowed(policy, PspProfiles.SECCOMP_ALLOWED);
        found("seccomp-profile-baseline", seccomp, allowed.isEmpty() ? "Leave it out" : "Use one of " + allowed);
    }

    static String ranges(List<Range> ranges) {
        return ranges.stream().map(Range::toString).collect(Collectors.joining(", "));
    }
}
