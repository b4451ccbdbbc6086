package io.plumbline.scan;

import io.plumbline.checks.node.NodeChecks;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.Reading;
import io.plumbline.runtime.CgroupLoad;
import io.plumbline.runtime.NodeFiles;
import java.util.Optional;
import java.util.function.Function;

/** Reads the files of a node that its checks look at. */
public final class NodeFileReader {

    /** Where the node's root is not at hand. */
    public static final NodeFileReader NONE = new NodeFileReader();

    private final Optional<NodeFiles> files;
    private final Optional<CgroupLoad> load;
    private final Function<String, Reading<KubeletConfiguration>> kubeletFile;

    private NodeFileReader() {
        this.files = Optional.empty();
        this.load = Optional.empty();
        this.kubeletFile = path -> new Reading.Unreadable<>(path, "the node's root is not at hand");
    }

    /** @param kubeletFile reads the file that a kubelet's {@code --config} names, by its path on the node */
    public NodeFileReader(
            NodeFiles files, CgroupLoad load, Function<String, Reading<KubeletConfiguration>> kubeletFile) {
        this.files = Optional.of(files);
        this.load = Optional.of(load);
        this.kubeletFile = kubeletFile;
    }

    NodeConfiguration read(AttributedNode node) {
        Reading<KubeletConfiguration> kubelet =
                NodeChecks.kubeletFile(node).map(kubeletFile).orElse(NodeConfiguration.NOT_READ.kubeletFile());
        NodeConfiguration none = NodeConfiguration.NOT_READ;
        return new NodeConfiguration(
                files.map(NodeFiles::appArmorParser).orElse(none.appArmorParser()),
                files.map(NodeFiles::cni).orElse(none.cni()),
                kubelet,
                load.map(CgroupLoad::read).orElse(none.load()));
    }
}
