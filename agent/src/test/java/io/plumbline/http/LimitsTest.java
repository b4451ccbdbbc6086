package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Those who send too much, too slowly, or too often. */
@Timeout(60)
class LimitsTest {
    private static final Limits STRICT =
            new Limits(1024, 4096, Duration.ofMillis(800), Duration.ofMillis(1500), 8, 4, 16, Duration.ofSeconds(15));
    private static final String END = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    private ServedNode served;

    @BeforeEach
    void serve() throws IOException {
        served = new ServedNode(STRICT);
    }

    @AfterEach
    void stop() throws IOException {
        served.close();
    }

    @Test
    void requestLineThatIsTooLongIsRefused() throws IOException {
        assertThat(ask("GET /version?" + "a".repeat(2000) + END))
                .matches("(?s)HTTP/1.[01] 414 .*")
                .contains("application/problem+json");
    }

    @Test
    void headersThatAreTooLargeAreRefused() throws IOException {
        assertThat(ask("GET /version HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(8000) + "\r\n\r\n"))
                .matches("(?s)HTTP/1.[01] 431 .*");
    }

    @Test
    void whatIsNoHttpIsRefused() throws IOException {
        assertThat(ask("\u0016\u0003\u0001\u0002\u0000\r\n\r\n")).matches("(?s)HTTP/1.[01] 400 .*");
    }

    @Test
    void bodyIsRefusedWithoutWaitingForIt() throws IOException {
        assertThat(ask("GET /version HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n"))
                .matches("(?s)HTTP/1.[01] 413 .*");
        assertThat(ask("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"))
                .matches("(?s)HTTP/1.[01] 405 .*");
    }

    /** Trap: one byte now and then keeps an idle timeout from ever ending. */
    @Test
    void requestThatDripsIsCut() throws IOException {
        long start = System.nanoTime();
        try (Socket socket = RawHttp.connect(served.url("/"))) {
            OutputStream out = socket.getOutputStream();
            out.write("GET /version HTTP/1.1\r\nHost: localhost\r\nX: ".getBytes(StandardCharsets.US_ASCII));
            await().pollInterval(Duration.ofMillis(100))
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        try {
                            out.write('a');
                            out.flush();
                            return false;
                        } catch (SocketException e) {
                            return true;
                        }
                    });
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(700));
        assertThat(served.status("/version")).isEqualTo(200);
    }

    @Test
    void connectionThatSaysNothingIsCutAlsoAfterAnAnswer() throws IOException {
        try (Socket socket = RawHttp.connect(served.url("/"))) {
            assertThat(RawHttp.isCut(socket)).isTrue();
        }
        try (Socket socket = RawHttp.connect(served.url("/"))) {
            socket.getOutputStream()
                    .write("HEAD /version HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            byte[] answer = socket.getInputStream().readAllBytes();
            assertThat(new String(answer, StandardCharsets.US_ASCII)).matches("(?s)HTTP/1.[01] 200 .*");
        }
    }

    /** Else whoever opens connections and says nothing would keep everybody else out. */
    @Test
    void whoSaysNothingGivesWayToWhoComesLater() throws IOException {
        List<Socket> silent = new ArrayList<>();
        try {
            for (int i = 0; i < 3 * STRICT.connections(); i++) {
                silent.add(RawHttp.connect(served.url("/")));
            }
            assertThat(ask("GET /version" + END)).matches("(?s)HTTP/1.[01] 200 .*");
            assertThat(RawHttp.isCut(silent.get(0))).isTrue();
            Socket last = silent.get(silent.size() - 1);
            last.getOutputStream().write(("GET /version" + END).getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(last.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .matches("(?s)HTTP/1.[01] 200 .*");
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void whoIsBeingAnsweredDoesNotGiveWay() throws IOException {
        Limits few = new Limits(
                1024, 4096, Duration.ofSeconds(20), Duration.ofSeconds(60), 2, 4, 16, Duration.ofSeconds(15));
        try (ServedNode busy = new ServedNode(few);
                Socket stays = listener(busy)) {
            try (Socket goes = listener(busy);
                    Socket oneTooMany = RawHttp.connect(busy.url("/"))) {
                assertThat(RawHttp.isCut(oneTooMany)).isTrue();
                assertThat(goes.getInputStream().read()).isPositive();
            }
            await().until(() -> busy.status("/version") == 200);
            assertThat(stays.getInputStream().read()).isPositive();
        }
    }

    /** Of the stream of events; returns when the answer has begun. */
    private static Socket listener(ServedNode node) throws IOException {
        Socket socket = RawHttp.connect(node.url("/"));
        socket.getOutputStream()
                .write("GET /api/v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        return socket;
    }

    private String ask(String request) throws IOException {
        return RawHttp.exchange(served.url("/"), request);
    }
}
