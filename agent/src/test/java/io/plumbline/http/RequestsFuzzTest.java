package io.plumbline.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.Fuzz;
import io.plumbline.Noise;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Requests that no client sends, to the real server: an answer or a closed door, never its fault, and it goes on serving. */
@Tag("fuzz")
@TestInstance(Lifecycle.PER_CLASS)
class RequestsFuzzTest {

    private static final Limits LIMITS =
            new Limits(1024, 4096, Duration.ofMillis(400), Duration.ofMillis(800), 64, 4, 16, Duration.ofSeconds(15));
    /** To a request of an unknown version Netty answers in that version. */
    private static final Pattern STATUS = Pattern.compile("^\\S+/\\d+\\.\\d+ (\\d{3}) ");

    private static final int AT_A_TIME = 32;
    private static final JsonMapper JSON = new JsonMapper();

    private static final List<String> PATHS = List.of(
            "/",
            "/api/v1/findings",
            "/api/v1/findings/",
            "/api/v1/pods",
            "/api/v1/pods/",
            "/api/v1/processes",
            "/api/v1/checks",
            "/api/v1/node",
            "/metrics",
            "/readyz",
            "/livez",
            "/healthz",
            "/version",
            "/openapi.json",
            "/api/v1/apparmor/profiles");
    private static final List<String> WORDS = List.of(
            "\r\n",
            "\n",
            "\r",
            "\r\n\r\n",
            " ",
            "/",
            "//",
            "..",
            "/%2e%2e/",
            "%",
            "%00",
            "%zz",
            "%ff",
            "?",
            "&",
            "=",
            "#",
            ";",
            "*",
            "http://x/",
            "GET ",
            "POST ",
            "HEAD ",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "HTTP/1.0",
            "HTTP/0.9",
            "HTTP/9.9",
            "Content-Length: 99999999999999999999\r\n",
            "Content-Length: -1\r\n",
            "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: x, chunked\r\n",
            "Expect: 100-continue\r\n",
            "Upgrade: websocket\r\nConnection: Upgrade\r\n",
            "Host: \r\n",
            "Host: evil\r\n",
            "Accept: \0\r\n",
            "Accept: application/openmetrics-text; version=1.0.0;q=zzz\r\n",
            "Range: bytes=0-\r\n",
            "Cookie: a=b\r\n",
            "limit=",
            "offset=",
            "namespace=",
            "severity=",
            "unattributed=true",
            "verbose",
            "\0",
            "\u0080",
            "\u00ff",
            "ffffffff\r\n",
            "0\r\n\r\n");

    private ServedNode served;

    @BeforeAll
    void serve() throws IOException {
        served = new ServedNode(LIMITS).scanning();
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> served.status("/readyz") == 200);
    }

    @AfterAll
    void stop() throws IOException {
        served.close();
    }

    @Test
    void spoiledRequestIsAnsweredOrCut() throws Exception {
        // Many at a time, because what is not whole is cut only after a while.
        Fuzz.of("requests").rounds(12, noise -> {
            List<byte[]> requests = new ArrayList<>();
            List<Socket> sockets = new ArrayList<>();
            try {
                for (int i = 0; i < AT_A_TIME; i++) {
                    byte[] real = ("GET " + noise.one(PATHS) + "?limit=1 HTTP/1.1\r\nHost: localhost\r\n"
                                    + "Accept: */*\r\nConnection: close\r\n\r\n")
                            .getBytes(ISO_8859_1);
                    requests.add(noise.spoiled(real, WORDS));
                    sockets.add(RawHttp.connect(served.url("/")));
                    sockets.get(i).getOutputStream().write(requests.get(i));
                }
                for (int i = 0; i < AT_A_TIME; i++) {
                    assertFair(requests.get(i), answer(requests.get(i), sockets.get(i)));
                }
            } finally {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        });
        assertThat(served.status("/version")).isEqualTo(200);
        assertThat(served.status("/api/v1/findings")).isEqualTo(200);
    }

    /** 501 is for versions other than 1.0 and 1.1. */
    private static void assertFair(byte[] request, String answer) {
        Matcher status = STATUS.matcher(answer);
        if (status.find()) {
            int code = Integer.parseInt(status.group(1));
            assertThat(code < 500 || code == 501)
                    .as("%s%n%s", new String(request, ISO_8859_1), answer)
                    .isTrue();
        } else {
            assertThat(answer).isEmpty();
        }
    }

    /** Whole requests with any path and any parameters: what comes back is in the form that its type says. */
    @Test
    void anyPathAndAnyQueryHasAWholeAnswer() throws Exception {
        Fuzz.of("queries").rounds(400, noise -> {
            String answer =
                    exchange(("GET " + target(noise) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(ISO_8859_1));
            Matcher status = STATUS.matcher(answer);
            assertThat(status.find()).as(answer).isTrue();
            assertThat(status.group(1)).isIn("200", "400", "404", "414");
            String head = answer.substring(0, answer.indexOf("\r\n\r\n"));
            assertThat(head).contains("X-Content-Type-Options: nosniff");
            if (head.contains("json")) {
                assertThat(JSON.readTree(answer.substring(head.length() + 4)).isContainerNode())
                        .isTrue();
            }
        });
    }

    private static String target(Noise noise) {
        StringBuilder target = new StringBuilder(noise.one(PATHS));
        for (int parts = noise.below(3); parts > 0; parts--) {
            target.append(noise.once(2) ? "/" : "").append(encoded(noise));
        }
        target.append(noise.one(
                "", "?", "?limit=" + encoded(noise), "?namespace=" + encoded(noise) + "&pod=" + encoded(noise)));
        for (int parts = noise.below(3); parts > 0; parts--) {
            target.append(noise.one("&", "=", "?", ";"))
                    .append(noise.one("kind", "check", "offset", "limit", encoded(noise)))
                    .append("=")
                    .append(encoded(noise));
        }
        return target.length() > 900 ? target.substring(0, 900) : target.toString();
    }

    /** Percent-encoded, rightly or not. */
    private static String encoded(Noise noise) {
        StringBuilder encoded = new StringBuilder();
        String text = noise.once(3) ? noise.number() : noise.text();
        for (byte one : text.substring(0, Math.min(40, text.length())).getBytes(UTF_8)) {
            boolean plain = one > ' ' && one < 0x7f && !noise.once(4);
            encoded.append(plain ? "" + (char) one : String.format("%%%02X", one));
        }
        return noise.once(8) ? encoded + noise.one("%", "%0", "%zz", "%C3%28", "+") : encoded.toString();
    }

    private String exchange(byte[] request) throws IOException {
        try (Socket socket = RawHttp.connect(served.url("/"))) {
            socket.getOutputStream().write(request);
            return answer(request, socket);
        }
    }

    /** What comes back until the other side closes. */
    private static String answer(byte[] request, Socket socket) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            socket.setSoTimeout(5000);
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[8192];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                answer.write(buffer, 0, read);
            }
        } catch (SocketTimeoutException e) {
            throw new AssertionError("the server neither answers nor closes: " + new String(request, ISO_8859_1), e);
        } catch (SocketException e) {
            // Cut: what came before it counts.
        }
        return answer.toString(ISO_8859_1);
    }
}
