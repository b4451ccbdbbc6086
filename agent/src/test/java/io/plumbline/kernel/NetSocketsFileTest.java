package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.kernel.NetSocketsFile.Socket;
import io.plumbline.kernel.NetSocketsFile.Table;
import io.plumbline.model.ListeningSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetSocketsFileTest {

    private static final String HEAD =
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    private static List<Socket> parse(Table table, String lines) {
        return Parsed.value(NetSocketsFile.parse(table, Parsed.content(HEAD + lines)));
    }

    @Test
    void tcpSocketWaitsInStateListen() {
        String lines = """
                   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 27182 1 0000000000000000 100 0 0 10 0
                   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 27183 1 0000000000000000 20 4 30 10 -1
                """;
        assertThat(parse(Table.TCP, lines))
                .containsExactly(new Socket(27182, new ListeningSocket("TCP", "127.0.0.1", 8080, Parsed.SOURCE)));
    }

    @Test
    void udpSocketWaitsUntilItIsConnected() {
        String lines = """
                  353: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 0
                  354: 0100007F:0045 0100007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 2 2 0000000000000000 0
                """;
        assertThat(parse(Table.UDP, lines))
                .containsExactly(new Socket(1, new ListeningSocket("UDP", "0.0.0.0", 68, Parsed.SOURCE)));
    }

    @Test
    void addressesOfVersionSixAreShortened() {
        String rest =
                ":1F90 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 9 1 0 100 0 0 10 0\n";
        assertThat(parse(
                                Table.TCP6,
                                "0: 00000000000000000000000000000000" + rest
                                        + "1: 00000000000000000000000001000000" + rest
                                        + "2: B80D0120000000000000000001000000" + rest
                                        + "3: 0000000000000000FFFF00000100007F" + rest
                                        + "4: 000080FE00000000FF00000004030201" + rest)
                        .stream()
                        .map(socket -> socket.listening().address()))
                .containsExactly("::", "::1", "2001:db8::1", "::ffff:127.0.0.1", "fe80::ff:102:304");
    }

    @Test
    void emptyTableHasOnlyItsHead() {
        assertThat(parse(Table.TCP, "")).isEmpty();
    }

    @Test
    void malformedLineIsUnreadable() {
        for (String line : List.of(
                "x\n",
                "0: 0100007F 00000000:0000 0A 0 0 0 0 0 0 1\n",
                "0: 0100007X:1F90 00000000:0000 0A 0 0 0 0 0 0 1\n",
                "0: 0100007F:1F90 00000000:0000 0A 0:0 00:0 0 0 0 x 1\n")) {
            assertThat(NetSocketsFile.parse(Table.TCP, Parsed.content(HEAD + line)))
                    .isEqualTo(Parsed.notInForm());
        }
    }
}
