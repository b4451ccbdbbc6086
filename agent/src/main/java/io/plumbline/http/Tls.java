package io.plumbline.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** The certificate that the server shows, and its key. Read again and again: whoever renews it tells nobody. */
public sealed interface Tls {

    /**
     * The pair that holds now.
     *
     * @throws IOException if it cannot be had: one line for the user
     */
    Pair pair() throws IOException;

    /** Files that somebody else keeps up to date: PEM, the certificate with its chain, and the key, not encrypted. */
    static Tls files(Path certificates, Path key) {
        return new OfFiles(certificates, key);
    }

    /**
     * A pair of our own, which nobody can verify, and which keeps what is said from those who only listen.
     *
     * @param names that the certificate is for
     * @param addresses that it is for
     */
    static Tls selfMade(List<String> names, List<InetAddress> addresses, InstantSource clock) {
        return new SelfMade(List.copyOf(names), List.copyOf(addresses), clock);
    }

    /** As PEM. */
    record Pair(String certificates, String key) {
        PemKeyCertOptions options() {
            return new PemKeyCertOptions()
                    .addCertValue(Buffer.buffer(certificates))
                    .addKeyValue(Buffer.buffer(key));
        }

        /** A key is no text for a log. */
        @Override
        public String toString() {
            return "a certificate and its key";
        }
    }

    /** A pair that is kept in files. */
    final class OfFiles implements Tls {
        private static final long MOST_BYTES = 1 << 20;

        private final Path certificates;
        private final Path key;

        private OfFiles(Path certificates, Path key) {
            this.certificates = certificates;
            this.key = key;
        }

        @Override
        public Pair pair() throws IOException {
            return new Pair(text(certificates, "CERTIFICATE-----"), text(key, "PRIVATE KEY-----"));
        }

        private static String text(Path file, String wanted) throws IOException {
            String text;
            try {
                if (Files.size(file) > MOST_BYTES) {
                    throw new IOException(file + ": too large for PEM of a certificate or a key");
                }
                text = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
            } catch (NoSuchFileException e) {
                throw new IOException(file + ": no such file", e);
            }
            if (!text.contains(wanted)) {
                throw new IOException(file + ": no PEM with " + wanted.replace("-", "") + " in it");
            }
            return text;
        }
    }

    /** A pair that is made here, and made again long before it ends. */
    final class SelfMade implements Tls {
        private final List<String> names;
        private final List<InetAddress> addresses;
        private final InstantSource clock;
        private Instant madeAt = Instant.EPOCH;
        private Pair pair = new Pair("", "");

        private SelfMade(List<String> names, List<InetAddress> addresses, InstantSource clock) {
            this.names = names;
            this.addresses = addresses;
            this.clock = clock;
        }

        @Override
        public synchronized Pair pair() {
            Instant now = clock.instant();
            if (madeAt.plus(SelfSigned.LIFETIME.dividedBy(2)).isBefore(now)) {
                pair = SelfSigned.make(names, addresses, now);
                madeAt = now;
            }
            return pair;
        }
    }
}
