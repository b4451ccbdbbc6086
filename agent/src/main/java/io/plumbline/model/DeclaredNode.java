package io.plumbline.model;

import java.util.List;
import java.util.Optional;

/**
 * What the kubelet says runs on the node.
 *
 * @param source who was asked: an address, or a file
 * @param nodeName the node's name where the pods name one
 * @param pods all pods of the node
 * @param kubelet the kubelet's live configuration; absent where it was not asked, unreadable with the reason where it refused
 * @param warnings what the user has to know about the answer, such as an unverified certificate
 * @param cluster what the API server says beside the pods
 */
public record DeclaredNode(
        String source,
        Optional<String> nodeName,
        List<DeclaredPod> pods,
        Reading<KubeletConfiguration> kubelet,
        List<String> warnings,
        ClusterFacts cluster) {

    public DeclaredNode {
        pods = List.copyOf(pods);
        warnings = List.copyOf(warnings);
    }

    /** An answer of a kubelet alone. */
    public DeclaredNode(
            String source,
            Optional<String> nodeName,
            List<DeclaredPod> pods,
            Reading<KubeletConfiguration> kubelet,
            List<String> warnings) {
        this(source, nodeName, pods, kubelet, warnings, ClusterFacts.NOT_ASKED);
    }

    /** The same answer with these pods. */
    public DeclaredNode withPods(List<DeclaredPod> all) {
        return new DeclaredNode(source, nodeName, all, kubelet, warnings, cluster);
    }

    /** The same answer with these warnings. */
    public DeclaredNode withWarnings(List<String> said) {
        return new DeclaredNode(source, nodeName, pods, kubelet, said, cluster);
    }

    /**
     * The part of the kubelet's {@code /configz} that changes what a container gets.
     *
     * @param seccompDefault {@code RuntimeDefault} for containers without a seccomp profile
     * @param cgroupDriver {@code cgroupfs} or {@code systemd}
     * @param cgroupRoot empty text for the default
     * @param rootDirectory where pods' volumes are; not part of configz, {@code /var/lib/kubelet} by default
     * @param anonymous {@code authentication.anonymous.enabled}
     * @param authorizationMode {@code authorization.mode}: {@code Webhook} or {@code AlwaysAllow}
     * @param readOnlyPort 0 for none
     */
    public record KubeletConfiguration(
            boolean seccompDefault,
            String cgroupDriver,
            String cgroupRoot,
            Optional<String> rootDirectory,
            boolean anonymous,
            String authorizationMode,
            long readOnlyPort) {

        /** A configuration that lets in only who the API server knows. */
        public KubeletConfiguration(
                boolean seccompDefault, String cgroupDriver, String cgroupRoot, Optional<String> rootDirectory) {
            this(seccompDefault, cgroupDriver, cgroupRoot, rootDirectory, false, "Webhook", 0);
        }
    }
}
