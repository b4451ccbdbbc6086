package io.plumbline.scan;

import io.plumbline.kernel.NodeReader;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.NodeSnapshot;
import io.plumbline.model.PolicySet;
import io.plumbline.model.RuntimeInventory;
import io.plumbline.model.ScanReport;
import io.plumbline.runtime.BundleInventory;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Looks at a node once. */
public final class NodeScan {

    private final NodeReader kernel;
    private final Optional<BundleInventory> bundles;
    private final String ownName;
    private final Policies policy;
    private final NodeFileReader files;
    private final ProfileLook profiles;

    /**
     * @param bundles where runtimes keep theirs; empty where the node's root is not at hand
     * @param ownName the node's name where the kubelet's answer holds none
     */
    public NodeScan(NodeReader kernel, Optional<BundleInventory> bundles, String ownName) {
        this(kernel, bundles, ownName, Policies.of(PolicySet.NONE), NodeFileReader.NONE, ProfileLook.NOWHERE);
    }

    /**
     * A scan that judges by policies of the user's own, the node by its files, and looks at AppArmor profiles.
     *
     * @param bundles where runtimes keep theirs; empty where the node's root is not at hand
     * @param ownName the node's name where the kubelet's answer holds none
     * @param profiles looks at the node's AppArmor profiles
     */
    public NodeScan(
            NodeReader kernel,
            Optional<BundleInventory> bundles,
            String ownName,
            Policies policy,
            NodeFileReader files,
            ProfileLook profiles) {
        this.policy = policy;
        this.files = files;
        this.kernel = kernel;
        this.bundles = bundles;
        this.ownName = ownName;
        this.profiles = profiles;
    }

    /**
     * Reads and judges.
     *
     * @param declared the kubelet's answer; empty where none was asked
     * @throws IOException if the tree of processes cannot be read at all
     */
    public ScanReport run(Optional<DeclaredNode> declared) throws IOException {
        RuntimeInventory inventory = bundles.map(BundleInventory::read)
                .orElseGet(() -> new RuntimeInventory(List.of(), List.of(), List.of()));
        NodeSnapshot snapshot = kernel.snapshot();
        String name = declared.flatMap(DeclaredNode::nodeName).orElse(ownName);
        return Evaluation.of(
                snapshot, name, declared, inventory, kernel::listeningSockets, files::read, policy, profiles);
    }
}
