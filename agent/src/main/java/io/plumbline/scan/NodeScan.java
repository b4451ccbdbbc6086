package io.plumbline.scan;

import io.plumbline.kernel.NodeReader;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.ExceptionRule;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.Occasion;
import io.plumbline.model.PolicySet;
import io.plumbline.model.ProcessKey;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.ScanReport;
import io.plumbline.runtime.BundleInventory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Looks at a node: at all of it, or again at what changed since. One thread at a time. */
public final class NodeScan {

    private static final RuntimeInventory NO_BUNDLES = new RuntimeInventory(List.of(), List.of(), List.of());

    private final NodeReader kernel;
    private final Optional<BundleInventory> bundles;
    private final Supplier<Policies> policies;
    private final NodeFileReader files;
    private final ProfileLook profiles;
    private final Supplier<List<ExceptionRule>> exceptions;
    private final Evaluation evaluation = new Evaluation();
    private Optional<Before> before = Optional.empty();

    /** A list without pods names none: then it is still the node of the list before. */
    private String nodeName;

    /**
     * @param bundles where runtimes keep theirs; empty where the node's root is not at hand
     * @param ownName the node's name until the kubelet's answer holds one
     */
    public NodeScan(NodeReader kernel, Optional<BundleInventory> bundles, String ownName) {
        this(kernel, bundles, ownName, builtIn(), NodeFileReader.NONE, ProfileLook.NOWHERE, List::of);
    }

    private static Supplier<Policies> builtIn() {
        Policies policies = Policies.of(PolicySet.NONE);
        return () -> policies;
    }

    /**
     * A scan that judges by policies of the user's own, the node by its files, looks at AppArmor profiles, and knows what somebody accepts.
     *
     * @param bundles where runtimes keep theirs; empty where the node's root is not at hand
     * @param ownName the node's name until the kubelet's answer holds one
     * @param policies asked once for each look: by what to judge
     * @param profiles looks at the node's AppArmor profiles
     * @param exceptions asked once for each look: which findings somebody accepts
     */
    public NodeScan(
            NodeReader kernel,
            Optional<BundleInventory> bundles,
            String ownName,
            Supplier<Policies> policies,
            NodeFileReader files,
            ProfileLook profiles,
            Supplier<List<ExceptionRule>> exceptions) {
        this.policies = policies;
        this.files = files;
        this.kernel = kernel;
        this.bundles = bundles;
        this.nodeName = ownName;
        this.profiles = profiles;
        this.exceptions = exceptions;
    }

    /**
     * Reads everything and judges.
     *
     * @param declared the kubelet's answer; empty where none was asked
     * @throws IOException if the tree of processes cannot be read at all
     */
    public ScanReport run(Optional<DeclaredNode> declared) throws IOException {
        return run(declared, Occasion.SCAN);
    }

    /**
     * Reads what there is an occasion to read, and judges. Where only some processes are read again, the bundles are as they were unless
     * one of those processes is in a cgroup that nobody was in before.
     *
     * @param declared the kubelet's answer; empty where none was asked
     * @return the last report itself where there is nothing new to judge
     * @throws IOException if the tree of processes cannot be read at all
     */
    public ScanReport run(Optional<DeclaredNode> declared, Occasion occasion) throws IOException {
        if (occasion.everything() || before.isEmpty()) {
            RuntimeInventory inventory = bundles.map(BundleInventory::read).orElse(NO_BUNDLES);
            return judge(
                    kernel.snapshot(occasion.changed()),
                    inventory,
                    declared,
                    occasion,
                    Map.of(),
                    files::read,
                    profiles);
        }
        Before known = before.get();
        Set<Integer> changed = occasion.changed();
        Optional<NodeSnapshot> read = changed.isEmpty() ? Optional.empty() : kernel.snapshotAfter(changed);
        if (read.isEmpty() && known.declared().equals(declared)) {
            return known.report();
        }
        NodeSnapshot snapshot = read.orElse(known.snapshot());
        RuntimeInventory inventory = known.isNews(snapshot, changed)
                ? bundles.map(BundleInventory::read).orElse(NO_BUNDLES)
                : known.report().inventory();
        Map<ProcessKey, Reading<List<ListeningSocket>>> sockets = new HashMap<>(known.sockets());
        sockets.keySet().removeIf(key -> changed.contains(key.pid()));
        NodeConfiguration configuration = known.report().node().configuration();
        AppArmorProfiles held = known.report().node().profiles();
        return judge(snapshot, inventory, declared, occasion, sockets, any -> configuration, any -> held);
    }

    /**
     * @param sockets those that need not be asked for again
     * @param configuration what the node's own files say, given the processes that they are about
     * @param profilesNow looks at the node's AppArmor profiles
     */
    private ScanReport judge(
            NodeSnapshot read,
            RuntimeInventory inventory,
            Optional<DeclaredNode> declared,
            Occasion occasion,
            Map<ProcessKey, Reading<List<ListeningSocket>>> sockets,
            Function<AttributedNode, NodeConfiguration> configuration,
            ProfileLook profilesNow) {
        NodeSnapshot snapshot = read.witnessedBy(occasion.witnessed());
        nodeName = declared.flatMap(DeclaredNode::nodeName).orElse(nodeName);
        Map<ProcessKey, Reading<List<ListeningSocket>>> asked = new HashMap<>();
        ScanReport report = evaluation.of(
                snapshot,
                nodeName,
                declared,
                inventory,
                processes -> {
                    asked.putAll(sockets(processes, sockets));
                    return asked;
                },
                configuration,
                policies.get(),
                profilesNow,
                exceptions.get());
        before = Optional.of(new Before(snapshot, declared, report, asked));
        return report;
    }

    private Map<ProcessKey, Reading<List<ListeningSocket>>> sockets(
            Collection<ProcessSnapshot> processes, Map<ProcessKey, Reading<List<ListeningSocket>>> known) {
        List<ProcessSnapshot> unknown = new ArrayList<>();
        Map<ProcessKey, Reading<List<ListeningSocket>>> all = new HashMap<>();
        for (ProcessSnapshot process : processes) {
            Reading<List<ListeningSocket>> sockets = known.get(process.key());
            if (sockets == null) {
                unknown.add(process);
            } else {
                all.put(process.key(), sockets);
            }
        }
        if (!unknown.isEmpty()) {
            all.putAll(kernel.listeningSockets(unknown));
        }
        return all;
    }

    /** What the next look goes on from. */
    private record Before(
            NodeSnapshot snapshot,
            Optional<DeclaredNode> declared,
            ScanReport report,
            Map<ProcessKey, Reading<List<ListeningSocket>>> sockets) {

        /**
         * A container may have been made since: somebody is in a cgroup that nobody was in. Who has ended, and is waited for, makes none: he is
         * in the root of each hierarchy of cgroup v1 and where he was of v2, and with both, where nobody was.
         */
        boolean isNews(NodeSnapshot now, Set<Integer> changed) {
            Set<Reading<CgroupMembership>> asked = new HashSet<>();
            for (int pid : changed) {
                Optional<ProcessSnapshot> process = now.process(pid);
                if (process.isPresent()
                        && !process.get().isZombie()
                        && !isWhereItWas(process.get())
                        && asked.add(process.get().cgroup())
                        && !wasIn(process.get().cgroup())) {
                    return true;
                }
            }
            return false;
        }

        /** Was anybody? One text of a cgroup file is nearly always one object. */
        @SuppressWarnings("ReferenceEquality")
        private boolean wasIn(Reading<CgroupMembership> cgroup) {
            for (ProcessSnapshot other : snapshot.processes()) {
                if (other.cgroup() == cgroup) {
                    return true;
                }
            }
            return snapshot.processes().stream()
                    .anyMatch(other -> other.cgroup().equals(cgroup));
        }

        /** In its own cgroup of before, or in its parent's, where a process is born: the answer for nearly all. */
        private boolean isWhereItWas(ProcessSnapshot process) {
            return Stream.of(process.pid(), process.parent())
                    .flatMap(pid -> snapshot.process(pid).stream())
                    .anyMatch(before -> before.cgroup().equals(process.cgroup()));
        }
    }
}
