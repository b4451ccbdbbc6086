package io.plumbline.checks.policy;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Evidence;
import io.plumbline.model.Reading;
import io.plumbline.model.Verdict.Undetermined;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What the kernel shows of one check while it is looked at: who breaks it, who holds it, and what could not be read. */
final class Effect {

    private static final int SHOWN = 10;

    private final Set<String> values = new LinkedHashSet<>();
    private final Set<String> broken = new LinkedHashSet<>();
    private final List<AttributedProcess> offenders = new ArrayList<>();
    private final List<Evidence> evidence = new ArrayList<>();
    private final List<Undetermined> unread = new ArrayList<>();
    private int holding;

    /** This process, or one of its tasks, shows that it holds. */
    void holds(String value) {
        values.add(value);
        holding++;
    }

    /** This process breaks it; processes come one after the other, each with all that it breaks. */
    @SuppressWarnings("ReferenceEquality") // the same one again; to compare all of it takes long
    void breaks(AttributedProcess process, String value, String file, String line) {
        values.add(value);
        broken.add(value);
        if (offenders.isEmpty() || offenders.get(offenders.size() - 1) != process) {
            offenders.add(process);
        }
        if (evidence.size() < SHOWN) {
            evidence.add(new Evidence(process.process().file(file), line));
        }
    }

    void cannotTell(AttributedProcess process, Reading<?> reading) {
        reading.fold(
                value -> true,
                absent -> true, // a kernel without it says nothing for or against
                unreadable -> unread.add(new Undetermined(
                        unreadable.source(), unreadable.why(), process.process().pid())));
    }

    /** Where the file was read, and does not say it. */
    void cannotTell(AttributedProcess process, String file, String why) {
        unread.add(new Undetermined(
                process.process().file(file), why, process.process().pid()));
    }

    boolean isBroken() {
        return !offenders.isEmpty();
    }

    /** Every process that is there was looked at, and holds it. */
    boolean isKept() {
        return offenders.isEmpty() && unread.isEmpty() && holding > 0;
    }

    List<AttributedProcess> offenders() {
        return List.copyOf(offenders);
    }

    List<Evidence> evidence() {
        return evidence;
    }

    List<Undetermined> unread() {
        return unread;
    }

    List<String> values() {
        return List.copyOf(values);
    }

    /** What breaks it, for a sentence; where nothing does, all values. */
    String words() {
        return String.join(", ", broken.isEmpty() ? values : broken);
    }
}
