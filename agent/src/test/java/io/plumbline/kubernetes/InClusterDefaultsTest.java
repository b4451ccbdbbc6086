package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InClusterDefaultsTest {

    @TempDir
    private Path directory;

    private Path root;
    private Path host;

    @BeforeEach
    void pod() throws IOException {
        root = directory.resolve("root");
        host = directory.resolve("host");
        Path account = Files.createDirectories(root.resolve("var/run/secrets/kubernetes.io/serviceaccount"));
        Files.writeString(account.resolve("token"), "t");
        Files.writeString(account.resolve("ca.crt"), "c");
        Files.createDirectories(host.resolve("var/lib/kubelet/pki"));
    }

    @Test
    void outsideOfAClusterThereAreNone() throws Exception {
        assertThat(InClusterDefaults.find(Map.of("NODE_IP", "192.0.2.1"), root, host))
                .isEmpty();
    }

    @Test
    void podFindsItsNodesKubeletAndItsOwnAccount() throws Exception {
        KubeletOptions options = find(Map.of("NODE_IP", "192.0.2.1"));
        assertThat(options.url()).isEqualTo(URI.create("https://192.0.2.1:10250"));
        assertThat(options.certificateAuthority())
                .contains(root.resolve("var/run/secrets/kubernetes.io/serviceaccount/ca.crt"));
        assertThat(options.tokenFile()).contains(root.resolve("var/run/secrets/kubernetes.io/serviceaccount/token"));
        assertThat(options.pinnedCertificates()).isEmpty();
        assertThat(options.clientCertificate()).isEmpty();
        assertThat(options.insecureSkipVerify()).isFalse();
    }

    @Test
    void addressStandsBeforeName() throws Exception {
        assertThat(find(Map.of("NODE_NAME", "node7", "HOST_IP", "192.0.2.2")).url())
                .isEqualTo(URI.create("https://192.0.2.2:10250"));
        assertThat(find(Map.of("NODE_IP", " ", "PLUMBLINE_NODE_NAME", "node7")).url())
                .isEqualTo(URI.create("https://node7:10250"));
        assertThat(find(Map.of("NODE_IP", "192.0.2.2", "PLUMBLINE_NODE_IP", "192.0.2.3"))
                        .url())
                .isEqualTo(URI.create("https://192.0.2.3:10250"));
    }

    @Test
    void addressOfVersionSixGetsItsBrackets() throws Exception {
        assertThat(find(Map.of("HOST_IP", "2001:db8::7")).url()).isEqualTo(URI.create("https://[2001:db8::7]:10250"));
    }

    @Test
    void podThatDoesNotKnowItsNodeIsToldHow() {
        assertThatThrownBy(() -> find(Map.of()))
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("NODE_IP is not set: set it from the field status.hostIP, or give --kubelet-url");
        assertThatThrownBy(() -> find(Map.of("NODE_IP", "no address\n")))
                .isInstanceOf(KubeletException.class)
                .hasMessageContaining("is no address of a kubelet");
    }

    @Test
    void podWithoutAServiceAccountHasNoToken() throws Exception {
        Files.delete(root.resolve("var/run/secrets/kubernetes.io/serviceaccount/token"));
        assertThat(find(Map.of("NODE_IP", "192.0.2.1")).tokenFile()).isEmpty();
    }

    @Test
    void certificatesOnTheNodesDiskArePinned() throws Exception {
        Path own = Files.writeString(host.resolve("var/lib/kubelet/pki/kubelet.crt"), "own");
        Path rotated = Files.writeString(host.resolve("var/lib/kubelet/pki/kubelet-server-2026-11-20.pem"), "rotated");
        // As the kubelet makes it: absolute on the node, where it means another file than here.
        Files.createSymbolicLink(
                host.resolve("var/lib/kubelet/pki/kubelet-server-current.pem"),
                Path.of("/var/lib/kubelet/pki/kubelet-server-2026-11-20.pem"));
        assertThat(find(Map.of("NODE_IP", "192.0.2.1")).pinnedCertificates()).isEqualTo(List.of(own, rotated));
    }

    private KubeletOptions find(Map<String, String> environment) throws KubeletException {
        Map<String, String> inPod = new java.util.HashMap<>(environment);
        inPod.put("KUBERNETES_SERVICE_HOST", "10.96.0.1");
        return InClusterDefaults.find(inPod, root, host).orElseThrow();
    }
}
