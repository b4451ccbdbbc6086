package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Credentials;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.Expected.Groups;
import io.plumbline.model.FindingKind;
import io.plumbline.model.NodeView;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A container's processes hold the groups that the spec names, and under supplementalGroupsPolicy Strict no others.
 *
 * <p>With the default policy, Merge, groups of the image's /etc/group join silently; nothing in the API says so, and this check does,
 * as information. A missing group counts only while the first process still is the user that it was started as: a server that changes
 * its user changes its groups.
 */
final class GroupsCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "groups",
            FindingKind.DRIFT,
            "medium; info where the group comes from the image",
            "Supplementary groups differ from the declared ones",
            "The first process holds fsGroup and every supplementalGroup; under supplementalGroupsPolicy Strict no process holds any other"
                    + " group.",
            "Groups and Gid of /proc/<pid>/status through /proc/<pid>/gid_map, against fsGroup, supplementalGroups, runAsGroup and"
                    + " supplementalGroupsPolicy",
            "Groups from the image: set supplementalGroupsPolicy: Strict (Kubernetes 1.33 and later), or take the user out of them in the"
                    + " image's /etc/group.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        Optional<Groups> promise = container.expected().groups().value();
        if (promise.isEmpty() || container.first().isEmpty()) {
            return Optional.empty();
        }
        Groups groups = promise.get();
        Judgement judgement = new Judgement(
                        DESCRIPTION,
                        container,
                        container.expected().groups().declared(),
                        words(new TreeSet<>(groups.declared())))
                .granted(
                        bundle -> words(new TreeSet<>(bundle.user().additionalGids())),
                        bundle -> !bundle.user().additionalGids().containsAll(groups.declared())
                                || (groups.strict()
                                        && !groups.allowed()
                                                .containsAll(bundle.user().additionalGids())));
        Set<Long> missing = new TreeSet<>();
        Set<Long> extra = new TreeSet<>();
        AttributedProcess first = container.first().get();
        List<AttributedProcess> judged = groups.strict()
                ? container.settled().toList()
                : container.settled().filter(first::equals).toList();
        for (AttributedProcess process : judged) {
            Optional<Credentials> credentials = process.process().credentials().observed();
            if (credentials.isEmpty()) {
                judgement.cannotTell(process, process.process().credentials());
                continue;
            }
            Set<Long> held = new TreeSet<>();
            for (long gid : credentials.get().groups()) {
                Optional<Long> inside =
                        Translation.inside(gid, process.process().gidMap());
                inside.ifPresentOrElse(
                        held::add,
                        () -> judgement.cannotTell(process, process.process().gidMap()));
            }
            judgement.effective(words(held));
            judgement.seen(process, "status", () -> StatusLine.groups(credentials.get()));
            long primary = Translation.inside(
                            credentials.get().gids().real(), process.process().gidMap())
                    .orElse(-1L);
            Set<Long> here = new TreeSet<>(held);
            here.removeAll(groups.allowed());
            here.remove(primary);
            Set<Long> lacking = new TreeSet<>(groups.declared());
            lacking.removeAll(held);
            lacking.remove(primary);
            if (!process.equals(first) || !isStillItself(container, credentials.get(), process)) {
                lacking.clear();
            }
            if (!here.isEmpty() || !lacking.isEmpty()) {
                judgement.offends(process, "status", StatusLine.groups(credentials.get()));
            }
            extra.addAll(here);
            missing.addAll(lacking);
        }
        return Optional.of(conclude(container, groups, judgement, missing, extra));
    }

    private static Verdict conclude(
            ContainerView container, Groups groups, Judgement judgement, Set<Long> missing, Set<Long> extra) {
        if (!judgement.isBroken()) {
            return judgement.conforms();
        }
        if (missing.isEmpty() && !groups.strict()) {
            return judgement.violates(
                    Severity.INFO,
                    judgement.who() + " " + judgement.verb("hold") + " groups that only the image gives: "
                            + join(extra),
                    Cause.FROM_IMAGE);
        }
        String text = missing.isEmpty() ? "" : "lacks declared groups " + join(missing);
        if (groups.strict() && !extra.isEmpty()) {
            text += (text.isEmpty() ? "" : " and ") + "holds groups that nothing declares: " + join(extra);
        }
        return judgement.violates(Severity.MEDIUM, container.identity().words() + " " + text);
    }

    /** Has the first process still the user that the runtime started it as? */
    private static boolean isStillItself(ContainerView container, Credentials credentials, AttributedProcess process) {
        Optional<Long> started = container
                .granted()
                .observed()
                .map(bundle -> bundle.user().uid())
                .or(() -> container
                        .container()
                        .flatMap(DeclaredContainer::status)
                        .flatMap(DeclaredContainer.Status::user)
                        .map(DeclaredContainer.LinuxUser::uid))
                .or(() -> container.expected().user().value())
                .or(() -> Optional.of(0L));
        return Translation.inside(
                        credentials.uids().effective(), process.process().uidMap())
                .equals(started);
    }

    private static List<String> words(Set<Long> groups) {
        return groups.stream().map(String::valueOf).toList();
    }

    private static String join(Set<Long> groups) {
        return String.join(", ", words(groups));
    }
}
