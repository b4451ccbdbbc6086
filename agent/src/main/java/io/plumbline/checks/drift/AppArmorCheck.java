package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Expected.AppArmor;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Every process of a container is under the AppArmor profile that the spec leads to, in enforce mode.
 *
 * <p>In a stack the profile must be one of the parts; a child profile of it will do. Kubernetes itself never looks again after the
 * start: an unloaded profile leaves running processes unconfined, and loading it again does not help them.
 */
final class AppArmorCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "apparmor",
            FindingKind.DRIFT,
            "high",
            "Process is not under the AppArmor profile of its container",
            "Every process of a container is confined, in enforce mode, by the profile that appArmorProfile (or the annotation, or the"
                    + " runtime's default) names.",
            "/proc/<pid>/attr/apparmor/current, against appArmorProfile of container and pod, the annotation, the runtime's default, and the"
                    + " profiles that are loaded",
            "Load the profile, then delete the pod: a process that runs unconfined stays so. A profile in complain mode that is loaded in"
                    + " enforce mode holds at once.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        Optional<AppArmor> promise = container.expected().appArmor().value();
        if (promise.isEmpty()) {
            return unpromised(container, node);
        }
        AppArmor wanted = promise.get();
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().appArmor().declared(),
                        List.copyOf(new TreeSet<>(wanted.profiles())))
                .granted(
                        bundle -> List.of(bundle.appArmorProfile()
                                .filter(name -> !name.isEmpty())
                                .orElse("none")),
                        bundle -> !wanted.profiles()
                                .contains(bundle.appArmorProfile().orElse("")));
        if (node.facts().appArmor().observed().filter(on -> !on).isPresent()) {
            judgement.effective("AppArmor is off on this node");
            container.settled().forEach(process -> judgement.offends(process, "attr/current", "no AppArmor label"));
            return Optional.of(
                    judgement.isBroken()
                            ? judgement.violates(
                                    Severity.HIGH,
                                    container.identity().words() + " runs on a node without AppArmor",
                                    Cause.APPARMOR_OFF,
                                    wayOut(Cause.APPARMOR_OFF))
                            : judgement.conforms());
        }
        Optional<AppArmorLabel> worst = Optional.empty();
        for (AttributedProcess process : container.settled().toList()) {
            Optional<AppArmorLabel> label = process.process().label().observed().map(AppArmorLabel::parse);
            if (label.isEmpty()) {
                Reading<Boolean> on = node.facts().appArmor();
                judgement.cannotTell(
                        process,
                        on.observed().isEmpty() ? on : process.process().label());
                continue;
            }
            String text = label.get().text();
            judgement.effective(text, process, "attr/apparmor/current", () -> text);
            if (!holds(wanted, label.get(), node)) {
                judgement.offends(process, "attr/apparmor/current", label.get().text());
                worst = worst.filter(AppArmorLabel::isUnconfined).isPresent() ? worst : label;
            }
        }
        if (worst.isEmpty()) {
            return Optional.of(judgement.conforms());
        }
        Cause cause = cause(wanted, worst.get(), container, node);
        return Optional.of(judgement.violates(
                Severity.HIGH,
                judgement.who() + " " + judgement.verb("run") + " under "
                        + worst.get().text() + " instead of " + String.join(" or ", new TreeSet<>(wanted.profiles())),
                cause,
                wayOut(cause)));
    }

    private static String wayOut(Cause cause) {
        return switch (cause) {
            case APPARMOR_OFF -> "Boot the node with AppArmor, or keep pods that name a profile away from it.";
            case COMPLAIN ->
                "Load the profile in enforce mode (plumbline apparmor load, aa-enforce): it holds at once, for what runs already too.";
            case OTHER_PROFILE ->
                "See who put it there (aa-exec, a hook of the runtime), then delete the pod: a process stays under its profile.";
            case ANNOTATION_IGNORED ->
                "Name the profile in securityContext.appArmorProfile: the annotation has no effect in this version.";
            case PARSER_MISSING ->
                "Install apparmor_parser on the node, then delete the pod: without it the runtime leaves its default profile out.";
            case PRIVILEGED ->
                "Take privileged out, or name a profile: the runtime starts privileged containers without its default one.";
            default -> "Load the profile, then delete the pod: a process that runs unconfined stays so.";
        };
    }

    /** Any label conforms where nothing is promised; which it is, is shown. */
    private static Optional<Verdict> unpromised(ContainerView container, NodeView node) {
        if (container.isSandbox() || !node.facts().appArmor().equals(Reading.of(true))) {
            return Optional.empty();
        }
        Judgement judgement = new Judgement(
                        DESCRIPTION, container, container.expected().appArmor().declared(), List.of("any"))
                .granted(
                        bundle -> List.of(bundle.appArmorProfile()
                                .filter(name -> !name.isEmpty())
                                .orElse("none")),
                        bundle -> false);
        container
                .settled()
                .forEach(process -> process.process()
                        .label()
                        .observed()
                        .map(AppArmorLabel::parse)
                        .map(AppArmorLabel::text)
                        .ifPresent(text -> judgement.effective(text, process, "attr/apparmor/current", () -> text)));
        return Optional.of(judgement.conforms());
    }

    private static boolean holds(AppArmor wanted, AppArmorLabel label, NodeView node) {
        return label.profiles().stream()
                .anyMatch(part ->
                        wanted.profiles().stream().anyMatch(name -> part.equals(name) || part.startsWith(name + "//"))
                                && enforces(part, label, node));
    }

    /** A stack whose parts have different modes says mixed: then the list of loaded profiles tells. */
    private static boolean enforces(String part, AppArmorLabel label, NodeView node) {
        if (!label.mode().equals("mixed")) {
            return label.mode().equals("enforce") || label.mode().equals("kill");
        }
        return node.facts()
                .appArmorProfiles()
                .observed()
                .map(loaded -> "enforce".equals(loaded.get(part)) || "kill".equals(loaded.get(part)))
                .orElse(false);
    }

    private static Cause cause(AppArmor wanted, AppArmorLabel label, ContainerView container, NodeView node) {
        boolean named = label.profiles().stream()
                .anyMatch(part ->
                        wanted.profiles().stream().anyMatch(name -> part.equals(name) || part.startsWith(name + "//")));
        if (named) {
            return Cause.COMPLAIN;
        }
        Optional<String> granted = container
                .granted()
                .observed()
                .map(bundle -> bundle.appArmorProfile().orElse(""));
        boolean asked = granted.filter(wanted.profiles()::contains).isPresent();
        if (wanted.annotationOnly() && !asked) {
            return Cause.ANNOTATION_IGNORED;
        }
        if (!label.isUnconfined()) {
            return granted.isPresent() && !asked ? Cause.GRANTED_BY_RUNTIME : Cause.OTHER_PROFILE;
        }
        if (granted.isPresent() && !asked) {
            return isPrivileged(container)
                    ? Cause.PRIVILEGED
                    : wanted.explicit() ? Cause.GRANTED_BY_RUNTIME : Cause.PARSER_MISSING;
        }
        if (asked) {
            return Cause.DETACHED; // no runtime starts a container under a profile that is not there
        }
        Optional<Map<String, String>> loaded = node.facts().appArmorProfiles().observed();
        if (loaded.isPresent() && wanted.profiles().stream().noneMatch(loaded.get()::containsKey)) {
            return Cause.PROFILE_NOT_LOADED;
        }
        return loaded.isPresent() ? Cause.DETACHED : Cause.NOT_EXPLAINED_BY_SPEC;
    }

    private static boolean isPrivileged(ContainerView container) {
        return container.container().flatMap(c -> c.security().privileged()).orElse(false);
    }
}
