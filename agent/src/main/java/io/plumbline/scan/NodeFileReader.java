package io.plumbline.scan;

import io.plumbline.checks.node.NodeChecks;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.NodeConfiguration;
import io.plumbline.model.Reading;
import io.plumbline.runtime.NodeFiles;
import java.util.Optional;
import java.util.function.Function;

/** Reads the files of a node that its checks look at. */
public final class NodeFileReader {

    /** Where the node's root is not at hand. */
    public static final NodeFileReader NONE = new NodeFileReader();

    private final Optional<NodeFiles> files;
    private final Function<String, Reading<KubeletConfiguration>> kubeletFile;

    private NodeFileReader() {
        this.files = Optional.empty();
        this.kubeletFile = path -> new Reading.Unreadable<>(path, "the node's root is not at hand");
    }

    /** @param kubeletFile reads the file that a kubelet's {@code --config} names, by its path on the node */
    public NodeFileReader(NodeFiles files, Function<String, Reading<KubeletConfiguration>> kubeletFile) {
        this.files = Optional.of(files);
        this.kubeletFile = kubeletFile;
    }

    NodeConfiguration read(AttributedNode node) {
        Reading<KubeletConfiguration> kubelet =
                NodeChecks.kubeletFile(node).map(kubeletFile).orElse(NodeConfiguration.NOT_READ.kubeletFile());
        return files.map(found -> new NodeConfiguration(found.appArmorParser(), found.cni(), kubelet))
                .orElse(new NodeConfiguration(
                        NodeConfiguration.NOT_READ.appArmorParser(), NodeConfiguration.NOT_READ.cni(), kubelet));
    }
}
