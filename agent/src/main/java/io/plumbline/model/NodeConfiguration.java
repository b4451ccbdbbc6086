package io.plumbline.model;

import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import java.util.List;

/**
 * What the node's own files say, beside {@code /proc} and the containers.
 *
 * @param appArmorParser is {@code apparmor_parser} on the node
 * @param cni the network that the runtime makes, the first configuration of {@code /etc/cni/net.d}
 * @param kubeletFile the file that the kubelet's {@code --config} names
 * @param load what the cgroups below the root use
 */
public record NodeConfiguration(
        Reading<Boolean> appArmorParser,
        Reading<CniNetwork> cni,
        Reading<KubeletConfiguration> kubeletFile,
        Reading<NodeLoad> load) {

    /** Nobody looked. */
    public static final NodeConfiguration NOT_READ = new NodeConfiguration(
            new Reading.Absent<>("/sbin/apparmor_parser"),
            new Reading.Absent<>("/etc/cni/net.d"),
            new Reading.Absent<>("the kubelet's --config"),
            new Reading.Absent<>("/sys/fs/cgroup"));

    /** Without what the cgroups use. */
    public NodeConfiguration(
            Reading<Boolean> appArmorParser, Reading<CniNetwork> cni, Reading<KubeletConfiguration> kubeletFile) {
        this(appArmorParser, cni, kubeletFile, new Reading.Absent<>("/sys/fs/cgroup"));
    }

    /**
     * A CNI network configuration.
     *
     * @param file its path on the node
     * @param plugins {@code type} of each plugin, in order
     */
    public record CniNetwork(String file, String name, List<String> plugins) {
        public CniNetwork {
            plugins = List.copyOf(plugins);
        }
    }
}
