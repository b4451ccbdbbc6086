package io.plumbline.kernel;

import io.plumbline.model.ListeningSocket;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * {@code /proc/<pid>/net/tcp}, {@code tcp6}, {@code udp}, {@code udp6}, see proc_pid_net(5): of them the sockets that wait for peers.
 *
 * <p>A TCP socket waits in state LISTEN; a UDP socket if it has a port and no peer.
 */
final class NetSocketsFile {

    /** The four, with the protocol that each is about. */
    enum Table {
        TCP("net/tcp", "TCP"),
        TCP6("net/tcp6", "TCP"),
        UDP("net/udp", "UDP"),
        UDP6("net/udp6", "UDP");

        private final String file;
        private final String protocol;

        Table(String file, String protocol) {
            this.file = file;
            this.protocol = protocol;
        }

        String file() {
            return file;
        }
    }

    /** A line with the inode that joins it to descriptors of processes. */
    record Socket(long inode, ListeningSocket listening) {}

    // include/net/tcp_states.h; an unconnected UDP socket is in state CLOSE
    private static final String LISTEN = "0A";
    private static final String CLOSE = "07";
    private static final int LOCAL = 1;
    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int INODE = 9;

    private NetSocketsFile() {}

    static Reading<List<Socket>> parse(Table table, Content file) {
        List<Socket> sockets = new ArrayList<>();
        Cursor all = file.cursor();
        all.until('\n');
        while (!all.atEnd()) {
            String[] fields = all.until('\n').byteString().strip().split(" +");
            if (fields.length <= INODE) {
                return file.malformed();
            }
            if (!waits(table, fields)) {
                continue;
            }
            Optional<Endpoint> local = Endpoint.parse(fields[LOCAL]);
            long inode = Content.of("", fields[INODE]).cursor().onlyDecimal(Long.MAX_VALUE);
            if (local.isEmpty() || inode == Cursor.NONE) {
                return file.malformed();
            }
            if (local.get().port() != 0) {
                sockets.add(new Socket(
                        inode,
                        new ListeningSocket(
                                table.protocol,
                                local.get().address(),
                                local.get().port(),
                                file.source())));
            }
        }
        return Reading.of(sockets);
    }

    private static boolean waits(Table table, String[] fields) {
        return table.protocol.equals("TCP")
                ? fields[STATE].equals(LISTEN)
                : fields[STATE].equals(CLOSE) && fields[REMOTE].endsWith(":0000");
    }

    /** {@code 0100007F:1F90}: words of 32 bits, each in the byte order of the machine, which is little on all that we build for. */
    private record Endpoint(String address, int port) {

        private static final int WORD = 8;

        static Optional<Endpoint> parse(String field) {
            int colon = field.indexOf(':');
            boolean v4 = colon == WORD;
            if ((!v4 && colon != 4 * WORD) || field.length() != colon + 5 || !isHex(field, colon)) {
                return Optional.empty();
            }
            byte[] bytes = new byte[colon / 2];
            for (int i = 0; i < bytes.length; i++) {
                int inWord = i / 4 * 4 + 3 - i % 4;
                bytes[i] = (byte) HexFormat.fromHexDigits(field, 2 * inWord, 2 * inWord + 2);
            }
            int port = HexFormat.fromHexDigits(field, colon + 1, colon + 5);
            return Optional.of(new Endpoint(v4 ? dotted(bytes, 0) : colons(bytes), port));
        }

        private static boolean isHex(String field, int colon) {
            for (int i = 0; i < field.length(); i++) {
                if (i != colon && !HexFormat.isHexDigit(field.charAt(i))) {
                    return false;
                }
            }
            return true;
        }

        private static String dotted(byte[] bytes, int from) {
            return (bytes[from] & 0xff) + "." + (bytes[from + 1] & 0xff) + "." + (bytes[from + 2] & 0xff) + "."
                    + (bytes[from + 3] & 0xff);
        }

        /** As RFC 5952 writes it: lower case, the longest run of zeros as {@code ::}, IPv4 behind {@code ::ffff:}. */
        private static String colons(byte[] bytes) {
            int[] words = new int[8];
            for (int i = 0; i < words.length; i++) {
                words[i] = (bytes[2 * i] & 0xff) << 8 | (bytes[2 * i + 1] & 0xff);
            }
            if (words[0] == 0
                    && words[1] == 0
                    && words[2] == 0
                    && words[3] == 0
                    && words[4] == 0
                    && words[5] == 0xffff) {
                return "::ffff:" + dotted(bytes, 12);
            }
            int start = -1;
            int length = 1;
            for (int i = 0; i < words.length; i++) {
                int run = 0;
                while (i + run < words.length && words[i + run] == 0) {
                    run++;
                }
                if (run > length) {
                    start = i;
                    length = run;
                }
            }
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < words.length; i++) {
                if (i == start) {
                    text.append("::");
                    i += length - 1;
                } else {
                    text.append(text.isEmpty() || text.charAt(text.length() - 1) == ':' ? "" : ":");
                    text.append(Integer.toHexString(words[i]));
                }
            }
            return text.toString();
        }
    }
}
