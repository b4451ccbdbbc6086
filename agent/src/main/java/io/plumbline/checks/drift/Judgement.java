package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DirectoryElsewhere;
import io.plumbline.model.Evidence;
import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Undetermined;
import io.plumbline.model.Verdict.Violation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/** One line of the plumb table while a check writes it. */
final class Judgement {

    /** As many processes and lines of evidence as a person reads. */
    private static final int SHOWN = 10;

    private static final int VALUES_SHOWN = 64;

    private final CheckDescription check;
    private final ContainerView container;
    private final String declared;
    private final List<String> expected;
    private final Set<String> effective = new LinkedHashSet<>();
    private final Map<AttributedProcess, List<Evidence>> offenders = new LinkedHashMap<>();
    private final Set<Undetermined> undetermined = new LinkedHashSet<>();
    private final List<Evidence> seen = new ArrayList<>();
    private Optional<List<String>> granted = Optional.empty();
    private boolean grantedBroken;
    /** Some process offends as such, and not with a thread alone. */
    private boolean wholly;

    Judgement(CheckDescription check, ContainerView container, String declared, List<String> expected) {
        this.check = check;
        this.container = container;
        this.declared = declared;
        this.expected = expected;
    }

    /**
     * @param values what the bundle says of this attribute
     * @param breaks the bundle itself already breaks the promise
     */
    Judgement granted(Function<OciBundle, List<String>> values, Function<OciBundle, Boolean> breaks) {
        Optional<OciBundle> bundle = container.granted().observed();
        granted = bundle.map(values);
        grantedBroken = bundle.map(breaks).orElse(false);
        return this;
    }

    void effective(Collection<String> values) {
        for (String value : values) {
            if (effective.size() < VALUES_SHOWN) {
                effective.add(value);
            }
        }
    }

    void effective(String value) {
        effective(List.of(value));
    }

    /** A value and where it was read; of the processes that show the same, the first is named. */
    void effective(String value, AttributedProcess process, String file, Supplier<String> line) {
        if (effective.size() < VALUES_SHOWN && effective.add(value)) {
            seen(process, file, line);
        }
    }

    /** Where values were read that are told by {@link #effective(Collection)}. */
    void seen(AttributedProcess process, String file, Supplier<String> line) {
        if (seen.size() < SHOWN) {
            seen.add(new Evidence(process.process().file(file), line.get()));
        }
    }

    void offends(AttributedProcess process, String file, String line) {
        wholly |= !file.startsWith("task/");
        offenders
                .computeIfAbsent(process, key -> new ArrayList<>())
                .add(new Evidence(process.process().file(file), line));
    }

    /** More evidence of the same process, from elsewhere than its own files. */
    void offends(AttributedProcess process, Evidence evidence) {
        offenders.computeIfAbsent(process, key -> new ArrayList<>()).add(evidence);
    }

    /** With a directory that is where it should not be, and the mount that it is on there. */
    void offends(AttributedProcess process, DirectoryElsewhere directory) {
        offends(process, directory.link(), directory.path());
        directory.mount().ifPresent(mount -> offends(process, mount));
    }

    void cannotTell(AttributedProcess process, Reading<?> reading) {
        reading.fold(
                value -> true,
                absent -> undetermined.add(new Undetermined(
                        absent.source(), "absent", process.process().pid())),
                unreadable -> undetermined.add(new Undetermined(
                        unreadable.source(), unreadable.why(), process.process().pid())));
    }

    void cannotTell(String source, String why) {
        undetermined.add(new Undetermined(source, why, 0));
    }

    boolean isBroken() {
        return !offenders.isEmpty();
    }

    /** Who offends, for a message: {@code 2 processes of shop/worker-tree (container tree)}. */
    String who() {
        int count = offenders.size();
        String whom = container.identity().words();
        return count == 0 ? whom : (count == 1 ? "1 process of " : count + " processes of ") + whom;
    }

    /** Who is somewhere: {@code 1 process of shop/worker-tree (container tree) is}; if it is but a thread of it, that is said. */
    String whoIs() {
        boolean one = offenders.size() == 1;
        return (wholly ? "" : one ? "a thread of " : "threads of ") + who() + (one ? " is" : " are");
    }

    /** "holds" for one, "hold" for several. */
    String verb(String plural) {
        return offenders.size() == 1 ? plural + "s" : plural;
    }

    Set<AttributedProcess> offenders() {
        return offenders.keySet();
    }

    Cause cause() {
        if (grantedBroken) {
            return Cause.GRANTED_BY_RUNTIME;
        }
        return container.granted().observed().isPresent() ? Cause.AFTER_START : Cause.NOT_EXPLAINED_BY_SPEC;
    }

    /** The container conforms, as far as could be seen. */
    Verdict conforms() {
        return verdict(Optional.empty());
    }

    Verdict violates(Severity severity, String message) {
        return violates(severity, message, cause());
    }

    Verdict violates(Severity severity, String message, Cause cause) {
        return violates(severity, message, cause, check.remedy());
    }

    /** @param wayOut where it is another one than the check's */
    Verdict violates(Severity severity, String message, Cause cause, String wayOut) {
        List<Evidence> evidence = new ArrayList<>();
        offenders.values().forEach(evidence::addAll);
        return verdict(Optional.of(new Violation(
                severity,
                check.title(),
                message,
                cause,
                remedy(cause, wayOut),
                List.copyOf(offenders.keySet()),
                evidence.subList(0, Math.min(evidence.size(), SHOWN)))));
    }

    private static String remedy(Cause cause, String wayOut) {
        return switch (cause) {
            case GRANTED_BY_RUNTIME ->
                "The runtime was already told so: look for NRI plugins, OCI hooks, the runtime's configuration or a"
                        + " mutating webhook. " + wayOut;
            case AFTER_START -> "The runtime was told what the spec says, so this came after the start. " + wayOut;
            default -> wayOut;
        };
    }

    private Verdict verdict(Optional<Violation> violation) {
        return new Verdict(
                check.id(),
                declared,
                expected,
                granted,
                List.copyOf(effective),
                violation,
                List.copyOf(undetermined),
                seen);
    }
}
