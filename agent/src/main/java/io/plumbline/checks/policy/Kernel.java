package io.plumbline.checks.policy;

import io.plumbline.checks.ContainerIds;
import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Credentials;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.IdMap;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeView;
import io.plumbline.model.PodSecurityPolicy.IdRule;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;

/** Asks the kernel's side of one container what a policy wants to know of it. */
final class Kernel {

    /** Those that a pod can ask for, in the order in which a message names them: the same in every run. */
    private static final List<NamespaceType> SHARED = List.of(NamespaceType.NET, NamespaceType.PID, NamespaceType.IPC);

    private final ContainerView container;
    private final NodeView node;
    private final Limits limits;

    Kernel(ContainerView container, NodeView node, Limits limits) {
        this.container = container;
        this.node = node;
        this.limits = limits;
    }

    /** What the kernel shows of a check; empty where only the declaration can say. */
    Optional<Effect> of(String check) {
        if (!limits.looksAt().contains(check) || container.settled().findAny().isEmpty()) {
            return Optional.empty();
        }
        return switch (check) {
            case "host-namespaces" -> Optional.of(hostNamespaces());
            case "capabilities-baseline" ->
                isPrivileged()
                        ? Optional.empty() // that is what privileged means, and said by its check
                        : Optional.of(capabilities(CapabilitySet.NONE, limits.capabilities()));
            case "capabilities-restricted" ->
                Optional.of(capabilities(limits.mustNotHave(), new CapabilitySet(-1L).minus(limits.mustNotHave())));
            case "run-as-non-root" -> Optional.of(nonRoot());
            case "run-as-user" -> Optional.of(ids("Uid", limits.user()));
            case "run-as-group" -> Optional.of(ids("Gid", limits.group()));
            case "supplemental-groups" -> Optional.of(supplementalGroups());
            case "allow-privilege-escalation" -> Optional.of(noNewPrivileges());
            case "seccomp-profile-restricted" -> Optional.of(seccomp());
            case "app-armor-profile" -> Optional.of(appArmor());
            case BeyondStandards.READ_ONLY_ROOT -> Optional.of(readOnlyRoot());
            default -> Optional.empty();
        };
    }

    private boolean isPrivileged() {
        return container
                .container()
                .map(spec -> spec.security())
                .flatMap(ContainerSecurity::privileged)
                .orElse(false);
    }

    private Effect hostNamespaces() {
        Effect effect = new Effect();
        for (AttributedProcess process : container.settled().toList()) {
            for (NamespaceType type : SHARED) {
                String file = "ns/" + type.link();
                hostNamespace(process, type, process.process().namespaces().inode(type), file, effect);
                for (ThreadSnapshot thread : process.process().threadsElsewhere(type)) {
                    hostNamespace(process, type, thread.namespaces().inode(type), thread.file(file), effect);
                }
            }
        }
        return effect;
    }

    private void hostNamespace(
            AttributedProcess process, NamespaceType type, Reading<Long> own, String file, Effect effect) {
        Reading<Long> hosts = node.facts().hostNamespace(type);
        Optional<Long> host = hosts.observed();
        if (own.observed().isEmpty() || host.isEmpty()) {
            effect.cannotTell(process, own);
            effect.cannotTell(process, hosts);
        } else if (own.observed().equals(host) && !limits.hostNamespaces().contains(type)) {
            effect.breaks(
                    process, "the host's " + type.link() + " namespace", file, type.link() + ":[" + host.get() + "]");
        } else {
            effect.holds("namespaces of its own");
        }
    }

    /** Every task's credentials with the file that they are from. */
    private void tasks(AttributedProcess process, Effect effect, BiConsumer<String, Credentials> each) {
        Reading<Credentials> leader = process.process().credentials();
        leader.observed().ifPresent(credentials -> each.accept("status", credentials));
        effect.cannotTell(process, leader);
        effect.cannotTell(process, process.process().threads());
        for (ThreadSnapshot thread : process.process().threads().observed().orElse(List.of())) {
            if (!Reading.of(thread.credentials()).equals(leader)) {
                each.accept(thread.file("status"), thread.credentials());
            }
        }
    }

    /** In a user namespace of its own the sets say nothing about the node. */
    private Effect capabilities(CapabilitySet forbidden, CapabilitySet allowed) {
        Effect effect = new Effect();
        Reading<Long> hostUsers = node.facts().hostNamespace(NamespaceType.USER);
        for (AttributedProcess process : container.settled().toList()) {
            Reading<Long> users = process.process().namespaces().inode(NamespaceType.USER);
            if (users instanceof Reading.Unreadable || hostUsers instanceof Reading.Unreadable) {
                effect.cannotTell(process, users);
                effect.cannotTell(process, hostUsers);
                continue;
            }
            if (!users.observed().equals(hostUsers.observed())) {
                effect.holds("a user namespace of its own");
                continue;
            }
            tasks(process, effect, (file, task) -> {
                CapabilitySet all = task.bounding().union(task.permitted()).union(task.ambient());
                CapabilitySet beyond = all.minus(allowed).union(all.intersection(forbidden));
                if (beyond.isEmpty()) {
                    effect.holds("no other capabilities");
                } else {
                    String names =
                            beyond.size() > 6 ? beyond.size() + " capabilities" : String.join(", ", beyond.names());
                    effect.breaks(process, names, file, line(beyond, task));
                }
            });
        }
        return effect;
    }

    /** The first set that has any of them. */
    private static String line(CapabilitySet any, Credentials task) {
        if (!task.bounding().intersection(any).isEmpty()) {
            return "CapBnd:\t" + task.bounding();
        }
        return task.permitted().intersection(any).isEmpty()
                ? "CapAmb:\t" + task.ambient()
                : "CapPrm:\t" + task.permitted();
    }

    private Effect nonRoot() {
        Effect effect = new Effect();
        for (AttributedProcess process : container.settled().toList()) {
            tasks(process, effect, (file, task) -> {
                if (task.uids().any(0)) {
                    effect.breaks(process, "uid 0", file, line("Uid", task));
                } else {
                    effect.holds("uid " + task.uids().effective());
                }
            });
        }
        return effect;
    }

    private Effect ids(String field, IdRule rule) {
        Effect effect = new Effect();
        for (AttributedProcess process : container.settled().toList()) {
            Reading<IdMap> map = field.equals("Uid")
                    ? ContainerIds.users(process, container, node)
                    : ContainerIds.groups(process, container, node);
            if (map instanceof Reading.Unreadable) {
                effect.cannotTell(process, map);
                continue;
            }
            tasks(process, effect, (file, task) -> {
                List<Long> outside = (field.equals("Uid") ? task.uids() : task.gids())
                        .stream().distinct().boxed().toList();
                for (Long id : outside) {
                    long inside = inside(id, map);
                    String value = field.toLowerCase(Locale.ROOT) + " " + inside;
                    if (rule.allows(inside)) {
                        effect.holds(value);
                    } else {
                        effect.breaks(process, value, file, line(field, task));
                    }
                }
            });
        }
        return effect;
    }

    /** Groups beside the primary one and fsGroup. */
    private Effect supplementalGroups() {
        Effect effect = new Effect();
        Optional<Long> fsGroup = container.pod().flatMap(pod -> pod.security().fsGroup());
        for (AttributedProcess process : container.settled().toList()) {
            Reading<IdMap> map = ContainerIds.groups(process, container, node);
            if (map instanceof Reading.Unreadable) {
                effect.cannotTell(process, map);
                continue;
            }
            tasks(process, effect, (file, task) -> {
                Set<Long> beside = new HashSet<>();
                for (Long group : task.groups()) {
                    if (group != task.gids().effective()) {
                        beside.add(inside(group, map));
                    }
                }
                fsGroup.ifPresent(beside::remove);
                List<Long> outside = beside.stream()
                        .filter(group -> !limits.supplementalGroups().allows(group))
                        .sorted()
                        .toList();
                if (outside.isEmpty()) {
                    effect.holds("groups " + beside.stream().sorted().toList());
                } else {
                    effect.breaks(process, "groups " + outside, file, "Groups:\t" + task.groups());
                }
            });
        }
        return effect;
    }

    private static long inside(long id, Reading<IdMap> map) {
        return map.observed()
                .map(ranges -> ranges.inside(id))
                .filter(found -> found.isPresent())
                .map(found -> found.getAsLong())
                .orElse(id);
    }

    private Effect noNewPrivileges() {
        Effect effect = new Effect();
        for (AttributedProcess process : container.settled().toList()) {
            tasks(process, effect, (file, task) -> {
                if (task.noNewPrivileges().isEmpty()) {
                    effect.cannotTell(process, file, "this kernel prints no NoNewPrivs");
                } else if (task.noNewPrivileges().get()) {
                    effect.holds("no_new_privs 1");
                } else {
                    effect.breaks(process, "no_new_privs 0", file, "NoNewPrivs:\t0");
                }
            });
        }
        return effect;
    }

    private Effect seccomp() {
        Effect effect = new Effect();
        for (AttributedProcess process : container.settled().toList()) {
            tasks(process, effect, (file, task) -> {
                if (task.seccompMode().isEmpty()) {
                    effect.cannotTell(process, file, "this kernel prints no Seccomp");
                } else if (task.seccompMode().get() == 0) {
                    effect.breaks(process, "seccomp 0", file, "Seccomp:\t0");
                } else {
                    effect.holds("seccomp " + task.seccompMode().get());
                }
            });
        }
        return effect;
    }

    private Effect appArmor() {
        Effect effect = new Effect();
        for (AttributedProcess process : container.settled().toList()) {
            Reading<String> label = process.process().label();
            effect.cannotTell(process, label);
            label.observed().ifPresent(text -> {
                if (AppArmorLabel.parse(text).isUnconfined()) {
                    effect.breaks(process, "unconfined", "attr/apparmor/current", text);
                } else {
                    effect.holds(text);
                }
            });
        }
        return effect;
    }

    private Effect readOnlyRoot() {
        Effect effect = new Effect();
        Optional<Long> host = node.facts().hostNamespace(NamespaceType.MNT).observed();
        Set<Long> looked = new HashSet<>();
        for (AttributedProcess process : container.settled().toList()) {
            Reading<Long> inode = process.process().namespaces().inode(NamespaceType.MNT);
            effect.cannotTell(process, inode);
            if (inode.observed().isEmpty()
                    || inode.observed().equals(host)
                    || !looked.add(inode.observed().get())) {
                continue; // the host's is the business of host-mount
            }
            effect.cannotTell(process, process.process().mounts());
            Optional<List<Mount>> roots = process.process().mounts().observed().map(MountTable::roots);
            if (roots.filter(List::isEmpty).isPresent()) {
                effect.cannotTell(process, "mountinfo", "read from a chroot: no line of /");
            }
            for (Mount mount : roots.orElse(List.of())) {
                if (mount.isReadOnly() || isOwnMaking(mount, process)) {
                    effect.holds("root read-only");
                } else {
                    effect.breaks(process, "root writable", "mountinfo", mount.line());
                }
            }
        }
        return effect;
    }

    /** The root of a sandbox or of a container in the container, as by {@code root-filesystem}: the container's own stays what it is. */
    private boolean isOwnMaking(Mount root, AttributedProcess process) {
        return container
                .first()
                .filter(first -> isElsewhere(NamespaceType.USER, process, first)
                        || isElsewhere(NamespaceType.PID, process, first))
                .flatMap(first -> first.process().mounts().observed())
                .flatMap(table -> table.at("/"))
                .filter(own -> !own.device().equals(root.device()))
                .isPresent();
    }

    private static boolean isElsewhere(NamespaceType type, AttributedProcess process, AttributedProcess first) {
        Optional<Long> own = process.process().namespaces().inode(type).observed();
        Optional<Long> containers = first.process().namespaces().inode(type).observed();
        return own.isPresent() && containers.isPresent() && !own.equals(containers);
    }

    private static String line(String field, Credentials task) {
        var ids = field.equals("Uid") ? task.uids() : task.gids();
        return field + ":\t" + ids.real() + "\t" + ids.effective() + "\t" + ids.saved() + "\t" + ids.fileSystem();
    }
}
