package io.plumbline.checks.inert;

import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.AskedAppArmor;
import io.plumbline.model.AskedAppArmor.Source;
import io.plumbline.model.Cause;
import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.Evidence;
import io.plumbline.model.OciBundle;
import java.util.List;
import java.util.Optional;

/** AppArmor profiles that are asked for where nobody listens. */
final class AppArmorRules {

    private AppArmorRules() {}

    /**
     * The annotation of old, without the field. Since Kubernetes 1.30 the API server writes the field for it; KEP-24 ends that, and then
     * the kubelet looks at the field alone. What was told to the runtime, else the label, shows which of the two it is here.
     */
    static Optional<Inert> annotation(Subject subject) {
        Optional<String> annotation = value(subject);
        if (annotation.isEmpty() || field(subject).isPresent() || subject.isPrivileged()) {
            return Optional.empty();
        }
        Optional<String> profile = annotation
                .filter(value -> value.startsWith("localhost/"))
                .map(value -> value.substring("localhost/".length()));
        if (profile.isEmpty() || !isOn(subject)) {
            return Optional.empty(); // the runtime's default is what comes without an annotation too
        }
        Optional<String> told =
                subject.granted().map(bundle -> bundle.appArmorProfile().orElse(""));
        List<Evidence> labels = labels(subject);
        boolean ignored = told.isPresent()
                ? !told.get().equals(profile.get())
                : !labels.isEmpty() && labels.stream().noneMatch(label -> isUnder(profile.get(), label.line()));
        if (!ignored) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.ANNOTATION_IGNORED,
                AskedAppArmor.ANNOTATION + subject.container().name() + ": " + annotation.get(),
                subject.kubelet().map(version -> "Kubernetes " + version).orElse("this version of Kubernetes")
                        + " does not look at the annotation, and the field is not set",
                "Set securityContext.appArmorProfile to type Localhost with localhostProfile " + profile.get(),
                told.isPresent()
                        ? List.of(new Evidence(
                                subject.granted().map(OciBundle::source).orElse(""),
                                "apparmorProfile: " + (told.get().isEmpty() ? "none" : told.get())))
                        : labels.subList(0, 1)));
    }

    private static boolean isUnder(String profile, String label) {
        return AppArmorLabel.parse(label).profiles().stream()
                .anyMatch(part -> part.equals(profile) || part.startsWith(profile + "//"));
    }

    /** Annotation and field say different things: the field counts, but for the pod's field of a static pod. */
    static Optional<Inert> contradiction(Subject subject) {
        Optional<String> annotation = value(subject);
        Optional<Profile> field = field(subject);
        if (annotation.isEmpty() || field.isEmpty() || annotation.get().equals(asAnnotation(field.get()))) {
            return Optional.empty();
        }
        boolean annotated = subject.appArmor()
                .filter(asked -> asked.source() == Source.ANNOTATION)
                .isPresent();
        return Optional.of(new Inert(
                Cause.ANNOTATION_CONTRADICTS,
                AskedAppArmor.ANNOTATION + subject.container().name() + ": " + annotation.get() + ", appArmorProfile: "
                        + field.get(),
                annotated
                        ? "the annotation of a static pod stands over the pod's field"
                        : "the field appArmorProfile stands over the annotation",
                "Take the annotation out, or make both say the same",
                List.of()));
    }

    /** A node whose kernel does not enforce AppArmor. */
    static Optional<Inert> off(Subject subject) {
        Optional<String> wanted =
                subject.appArmor().filter(asked -> !asked.isUnconfined()).map(AskedAppArmor::words);
        boolean isOff = subject.node().facts().appArmor().fold(on -> !on, absent -> true, unreadable -> false);
        if (wanted.isEmpty() || !isOff || subject.isPrivileged()) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.APPARMOR_OFF,
                wanted.get(),
                "this node's kernel does not enforce AppArmor",
                "Boot the node with AppArmor (security=apparmor), or keep such pods away from it",
                subject.node().facts().appArmorShown()));
    }

    private static boolean isOn(Subject subject) {
        return subject.node().facts().appArmor().observed().orElse(false);
    }

    private static List<Evidence> labels(Subject subject) {
        return subject.processes().stream()
                .flatMap(process -> process.process().label().observed().stream()
                        .map(label -> new Evidence(process.process().file("attr/apparmor/current"), label)))
                .toList();
    }

    private static Optional<String> value(Subject subject) {
        return Optional.ofNullable(subject.pod()
                .annotations()
                .get(AskedAppArmor.ANNOTATION + subject.container().name()));
    }

    private static Optional<Profile> field(Subject subject) {
        return subject.security()
                .appArmorProfile()
                .or(() -> subject.pod().security().appArmorProfile());
    }

    private static String asAnnotation(Profile profile) {
        return switch (profile.type()) {
            case "RuntimeDefault" -> "runtime/default";
            case "Unconfined" -> "unconfined";
            default -> "localhost/" + profile.localhostProfile().orElse("");
        };
    }
}
