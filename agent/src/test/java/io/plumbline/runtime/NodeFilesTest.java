package io.plumbline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.NodeConfiguration.CniNetwork;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class NodeFilesTest {

    @TempDir
    private Path root;

    @Test
    void theFirstConfigurationByNameIsTheNetworks() throws IOException {
        write("20-other.conf", "{\"name\": \"other\", \"type\": \"bridge\"}");
        write("10-flannel.conflist", """
                {"name": "cbr0", "cniVersion": "0.3.1", "plugins": [
                  {"type": "flannel", "delegate": {"isDefaultGateway": true, "mtu": null}},
                  {"capabilities": {"portMappings": true}},
                  {"type": "portmap"}]}""");
        write("00-README", "no configuration");

        assertThat(cni())
                .isEqualTo(Reading.of(new CniNetwork(
                        "/etc/cni/net.d/10-flannel.conflist", "cbr0", List.of("flannel", "", "portmap"))));
    }

    @Test
    void aConfigurationOfOnePluginHasNoListOfThem() throws IOException {
        write("10-bridge.conf", "{\"cniVersion\": \"1.0.0\", \"type\": \"bridge\", \"plugins\": {}}");

        assertThat(cni()).isEqualTo(Reading.of(new CniNetwork("/etc/cni/net.d/10-bridge.conf", "", List.of("bridge"))));
    }

    @Test
    void whatIsCutOffIsUnreadable() throws IOException {
        write("10-bridge.conf", "{\"type\": \"bridge\"");

        assertThat(cni().trouble())
                .hasValueSatisfying(trouble ->
                        assertThat(trouble).startsWith("/etc/cni/net.d/10-bridge.conf: not JSON, or cut off"));
    }

    @Test
    void aNodeWithoutNetworkHasNone() {
        assertThat(cni()).isInstanceOf(Reading.Absent.class);
    }

    private Reading<CniNetwork> cni() {
        return new NodeFiles(root).cni();
    }

    private void write(String name, String text) throws IOException {
        Path directory = Files.createDirectories(root.resolve("etc/cni/net.d"));
        Files.writeString(directory.resolve(name), text);
    }
}
