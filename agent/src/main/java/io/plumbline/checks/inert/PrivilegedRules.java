package io.plumbline.checks.inert;

import io.plumbline.model.AskedAppArmor;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.Evidence;
import io.plumbline.model.OciBundle;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@code privileged: true} cancels.
 *
 * <p>containerd sets no seccomp profile then ({@code GenerateSeccompSpecOpts}), gives all of the daemon's capabilities after it dropped
 * some ({@code WithPrivileged}), and leaves out its default AppArmor profile, but honours a named one. CRI-O does the same, except that
 * {@code privileged_seccomp_profile} may name a profile, and that it ignores every AppArmor profile ({@code specSetApparmorProfile}).
 */
final class PrivilegedRules {

    private static final String WITHOUT = "Take privileged away, or take out what it cancels";
    private static final int FILTER = 2;

    private PrivilegedRules() {}

    /** A seccomp profile. */
    static Optional<Inert> seccomp(Subject subject) {
        Optional<Profile> profile = subject.security()
                .seccompProfile()
                .or(() -> subject.pod().security().seccompProfile());
        if (!subject.isPrivileged()
                || profile.filter(p -> !p.type().equals("Unconfined")).isEmpty()) {
            return Optional.empty();
        }
        boolean given = subject.granted().map(OciBundle::seccomp).orElseGet(() -> filtered(subject));
        if (given) {
            return Optional.empty(); // CRI-O's privileged_seccomp_profile, or another runtime
        }
        return Optional.of(new Inert(
                Cause.PRIVILEGED_SECCOMP,
                "privileged: true, seccompProfile: " + profile.get(),
                subject.runtimeWords() + " gives a privileged container no seccomp profile",
                WITHOUT,
                evidence(subject, "Seccomp:\t0")));
    }

    /** Without a bundle the kernel decides: the first process runs under a filter from its start. */
    private static boolean filtered(Subject subject) {
        return !subject.processes().isEmpty()
                && subject.processes().stream()
                        .allMatch(process -> process.process()
                                .credentials()
                                .observed()
                                .flatMap(credentials -> credentials.seccompMode())
                                .filter(mode -> mode == FILTER)
                                .isPresent());
    }

    /** {@code capabilities.drop}. */
    static Optional<Inert> dropped(Subject subject) {
        List<String> drop =
                subject.security().capabilities().map(Capabilities::drop).orElse(List.of());
        if (!subject.isPrivileged() || drop.isEmpty()) {
            return Optional.empty();
        }
        boolean all = drop.stream().anyMatch(name -> name.equalsIgnoreCase("ALL") || name.equalsIgnoreCase("CAP_ALL"));
        CapabilitySet ceiling =
                subject.node().facts().capabilityCeiling().observed().orElse(CapabilitySet.NONE);
        CapabilitySet unwanted = all ? ceiling : CapabilitySet.named(drop).intersection(ceiling);
        Optional<CapabilitySet> granted =
                subject.granted().map(bundle -> bundle.capabilities().bounding());
        Optional<CapabilitySet> held = subject.processes().stream()
                .flatMap(process -> process.process().credentials().observed().stream())
                .map(credentials -> credentials.bounding())
                .findFirst();
        if (granted.or(() -> held)
                .filter(set -> !unwanted.isEmpty() && set.intersection(unwanted).isEmpty())
                .isPresent()) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.PRIVILEGED_CAPABILITIES,
                "privileged: true, capabilities.drop: " + String.join(", ", drop),
                subject.runtimeWords() + " gives a privileged container all capabilities, also those that it drops",
                WITHOUT,
                held.map(set -> evidence(subject, "CapBnd:\t" + set)).orElse(List.of())));
    }

    /** An AppArmor profile. */
    static Optional<Inert> appArmor(Subject subject) {
        Optional<AskedAppArmor> asked = subject.appArmor().filter(profile -> !profile.isUnconfined());
        if (!subject.isPrivileged() || asked.isEmpty()) {
            return Optional.empty();
        }
        boolean localhost = asked.get().profile().type().equals("Localhost");
        boolean told = subject.granted()
                .flatMap(OciBundle::appArmorProfile)
                .filter(name -> !name.isEmpty() && !name.equals("unconfined"))
                .isPresent();
        if (told || (localhost && !subject.runtime().equals("cri-o"))) {
            return Optional.empty();
        }
        return Optional.of(new Inert(
                Cause.PRIVILEGED_APPARMOR,
                "privileged: true, " + asked.get().words(),
                localhost
                        ? subject.runtimeWords()
                                + " gives a privileged container no AppArmor profile, not even a named one"
                        : subject.runtimeWords() + " gives a privileged container no default AppArmor profile",
                localhost ? WITHOUT : WITHOUT + ", or name a profile (type Localhost) where the runtime is containerd",
                subject.processes().stream()
                        .limit(1)
                        .flatMap(process -> process.process().label().observed().stream()
                                .map(label -> new Evidence(process.process().file("attr/current"), label)))
                        .toList()));
    }

    private static List<Evidence> evidence(Subject subject, String line) {
        return Stream.concat(
                        subject.processes().stream()
                                .limit(1)
                                .map(AttributedProcess::process)
                                .map(process -> new Evidence(process.file("status"), line)),
                        subject.granted().stream()
                                .map(bundle -> new Evidence(bundle.source(), "privileged, as the runtime was told")))
                .limit(1)
                .toList();
    }
}
