package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.checks.ContainerIds;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Credentials;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.Expected.Groups;
import io.plumbline.model.FindingKind;
import io.plumbline.model.IdMap;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A container's processes hold the groups that the spec names, and under supplementalGroupsPolicy Strict no others.
 *
 * <p>With the default policy, Merge, groups of the image's /etc/group join silently; nothing in the API says so, and this check does,
 * as information. A missing group, or another primary one, counts only while the first process still is the user that it was started as: a server that changes
 * its user changes its groups.
 */
final class GroupsCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "groups",
            FindingKind.DRIFT,
            "medium; info where the group comes from the image",
            "Groups differ from the declared ones",
            "The first process has the group of runAsGroup, and holds fsGroup and every supplementalGroup; under supplementalGroupsPolicy Strict no process holds any other"
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
                                || isAnother(bundle.user().gid(), groups)
                                || (groups.strict()
                                        && !groups.allowed()
                                                .containsAll(bundle.user().additionalGids())));
        Set<Long> missing = new TreeSet<>();
        Set<Long> extra = new TreeSet<>();
        Optional<Long> other = Optional.empty();
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
            Reading<IdMap> map = ContainerIds.groups(process, container, node);
            Set<Long> held = new TreeSet<>();
            for (long gid : credentials.get().groups()) {
                Translation.inside(gid, map).ifPresentOrElse(held::add, () -> judgement.cannotTell(process, map));
            }
            judgement.effective(words(held));
            judgement.seen(process, "status", () -> StatusLine.groups(credentials.get()));
            long primary =
                    Translation.inside(credentials.get().gids().real(), map).orElse(-1L);
            Set<Long> here = new TreeSet<>(held);
            here.removeAll(groups.allowed());
            here.remove(primary);
            Set<Long> lacking = new TreeSet<>(groups.declared());
            lacking.removeAll(held);
            lacking.remove(primary);
            boolean itself = process.equals(first)
                    && isStillItself(container, credentials.get(), ContainerIds.users(process, container, node));
            if (!itself) {
                lacking.clear();
            }
            if (!here.isEmpty() || !lacking.isEmpty()) {
                judgement.offends(process, "status", StatusLine.groups(credentials.get()));
            }
            if (itself && isAnother(credentials.get(), map, groups)) {
                judgement.offends(process, "status", StatusLine.gid(credentials.get()));
                other = Translation.inside(credentials.get().gids().effective(), map);
            }
            extra.addAll(here);
            missing.addAll(lacking);
        }
        return Optional.of(conclude(container, groups, judgement, missing, extra, other));
    }

    private static Verdict conclude(
            ContainerView container,
            Groups groups,
            Judgement judgement,
            Set<Long> missing,
            Set<Long> extra,
            Optional<Long> other) {
        if (!judgement.isBroken()) {
            return judgement.conforms();
        }
        if (missing.isEmpty() && other.isEmpty() && !groups.strict()) {
            return judgement.violates(
                    Severity.INFO,
                    judgement.who() + " " + judgement.verb("hold") + " groups that only the image gives: "
                            + join(extra),
                    Cause.FROM_IMAGE);
        }
        List<String> parts = new ArrayList<>();
        other.ifPresent(gid -> parts.add("runs with gid " + gid + ", declared is "
                + groups.primary().map(String::valueOf).orElse("none")));
        if (!missing.isEmpty()) {
            parts.add("lacks declared groups " + join(missing));
        }
        if (groups.strict() && !extra.isEmpty()) {
            parts.add("holds groups that nothing declares: " + join(extra));
        }
        return judgement.violates(Severity.MEDIUM, container.identity().words() + " " + String.join(" and ", parts));
    }

    /** Has it another primary group than the declared one? To give up root's is no drift. */
    private static boolean isAnother(Credentials credentials, Reading<IdMap> map, Groups groups) {
        return Translation.inside(credentials.gids().effective(), map)
                .filter(gid -> isAnother(gid, groups))
                .isPresent();
    }

    private static boolean isAnother(long gid, Groups groups) {
        return groups.primary()
                .filter(declared -> declared != 0 && declared != gid)
                .isPresent();
    }

    /** Has the first process still the user that the runtime started it as? */
    private static boolean isStillItself(ContainerView container, Credentials credentials, Reading<IdMap> uids) {
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
        return Translation.inside(credentials.uids().effective(), uids).equals(started);
    }

    private static List<String> words(Set<Long> groups) {
        return groups.stream().map(String::valueOf).toList();
    }

    private static String join(Set<Long> groups) {
        return String.join(", ", words(groups));
    }
}
