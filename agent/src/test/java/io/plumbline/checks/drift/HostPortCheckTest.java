package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ports of the host that a hostNetwork container listens on. */
class HostPortCheckTest {

    private static final String CHECK = "host-port";

    @ParameterizedTest
    @CsvSource({"8080, TCP, false", "9090, TCP, true", "8080, UDP, true", "40000, UDP, false", "40000, TCP, true"})
    void portThatIsNotDeclaredIsDrift(int port, String protocol, boolean found) {
        Nodes node = pod("hostNetwork: true, ").listens(100, socket(port, protocol));

        assertThat(node.drift().stream().map(Finding::check).toList()).isEqualTo(found ? List.of(CHECK) : List.of());
        if (found) {
            assertThat(node.finding(CHECK).severity()).isEqualTo(Severity.LOW);
            assertThat(node.finding(CHECK).message()).contains(port + "/" + protocol);
        }
    }

    @Test
    void podWithANetworkOfItsOwnIsNotAsked() {
        assertThat(pod("").listens(100, socket(9090, "TCP")).verdict(CHECK, "main"))
                .isEmpty();
    }

    @Test
    void descriptorsThatCannotBeReadLeaveItOpen() {
        assertThat(pod("hostNetwork: true, ")
                        .listens(100, new Reading.Unreadable<>("/proc/100/fd", "EACCES"))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.UNDETERMINED);
    }

    private static ListeningSocket socket(int port, String protocol) {
        return new ListeningSocket(
                protocol, "0.0.0.0", port, "/proc/100/net/" + protocol.toLowerCase(java.util.Locale.ROOT));
    }

    private static Nodes pod(String spec) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {" + spec
                        + "containers: [{name: main, ports: [{containerPort: 8080, hostPort: 8080}]}]}")
                .with(spec.isEmpty() ? main() : main().host(NamespaceType.NET, NamespaceType.UTS));
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
