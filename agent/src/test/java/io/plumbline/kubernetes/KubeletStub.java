package io.plumbline.kubernetes;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/** A server on loopback that answers as a kubelet does, or as none should: every byte of an answer is the test's. */
public final class KubeletStub implements AutoCloseable {

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?im)^Content-Length: *([0-9]+)$");

    private final ServerSocket server;
    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();

    /** Writes an answer's bytes. */
    public interface Answer {
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    private KubeletStub(ServerSocket server) {
        this.server = server;
        start(this::accept);
    }

    public static KubeletStub withTls(SSLContext context, boolean clientCertificate) throws IOException {
        SSLServerSocket server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(clientCertificate);
        return new KubeletStub(server);
    }

    /** A web server of the old kind, which does not understand what a TLS client says. */
    static KubeletStub withoutTls() throws IOException {
        return new KubeletStub(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    }

    public KubeletStub on(String path, Answer answer) {
        answers.put(path, answer);
        return this;
    }

    public URI url() {
        return URI.create("https://127.0.0.1:" + server.getLocalPort());
    }

    /** The heads of all requests so far, lines joined; after an empty line the body, where there was one. */
    List<String> requests() {
        return requests;
    }

    public static Answer json(String body) {
        return status("200 OK", body, "Content-Type: application/json");
    }

    public static Answer file(Path file) throws IOException {
        return json(Files.readString(file));
    }

    public static Answer status(String status, String body, String... headers) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return out -> {
            out.write(ascii("HTTP/1.1 " + status + "\r\n" + more + "Content-Length: " + bytes.length
                    + "\r\nConnection: close\r\n\r\n"));
            out.write(bytes);
        };
    }

    /** Bytes as they are, and then the connection's end. */
    public static Answer raw(String text) {
        return out -> out.write(ascii(text));
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "kubelet-stub");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                start(() -> serve(socket));
            } catch (IOException e) {
                // A failed handshake or the end of the test: the client tells what it saw.
                if (!server.isClosed()) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            if (!(server instanceof SSLServerSocket)) {
                // What a web server says to a TLS greeting.
                socket.getInputStream().read();
                status("400 Bad Request", "400 Bad Request").to(socket.getOutputStream());
                return;
            }
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
            StringBuilder head = new StringBuilder();
            for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                head.append(line).append('\n');
            }
            if (head.isEmpty()) {
                return;
            }
            // A connection that is closed with bytes unread takes the answer down with it.
            String body = body(in, head.toString());
            requests.add(body.isEmpty() ? head.toString() : head + "\n" + body);
            String path = head.toString().split(" ", 3)[1];
            OutputStream out = socket.getOutputStream();
            answers.getOrDefault(path, status("404 Not Found", "404 page not found\n"))
                    .to(out);
            out.flush();
        } catch (IOException e) {
            // The client went away, which some tests are about.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String body(BufferedReader in, String head) throws IOException {
        Matcher length = CONTENT_LENGTH.matcher(head);
        char[] body = new char[length.find() ? Integer.parseInt(length.group(1)) : 0];
        int read = 0;
        while (read < body.length) {
            int more = in.read(body, read, body.length - read);
            if (more < 0) {
                break;
            }
            read += more;
        }
        return new String(body, 0, read);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
