package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;

/** The text of a manifest, in UTF-8 and bounded. */
final class ManifestText {

    /** An API server takes 3 MB in one request; a file may hold many objects. */
    static final int MAX_BYTES = 32 << 20;

    private static final String BYTE_ORDER_MARK = "\ufeff";

    /** What stands for bytes that are no character. */
    private static final char REPLACEMENT = '\ufffd';

    private ManifestText() {}

    /** Reads to the end; a byte order mark is left out. */
    static String read(InputStream in) throws IOException, ManifestException {
        byte[] bytes = in.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new ManifestException("larger than " + (MAX_BYTES >> 20) + " MiB; split it");
        }
        if (startsWith(bytes, 0xfe, 0xff) || startsWith(bytes, 0xff, 0xfe)) {
            throw new ManifestException("in UTF-16; save it as UTF-8");
        }
        String text = new String(bytes, UTF_8);
        if (text.indexOf(REPLACEMENT) >= 0) {
            requireUtf8(bytes); // unless the manifest has that very character
        }
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
    }

    private static boolean startsWith(byte[] bytes, int first, int second) {
        return bytes.length > 1 && (bytes[0] & 0xff) == first && (bytes[1] & 0xff) == second;
    }

    private static void requireUtf8(byte[] bytes) throws ManifestException {
        CharsetDecoder decoder = UTF_8.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            decoder.decode(in);
        } catch (CharacterCodingException e) {
            String before = new String(bytes, 0, in.position(), UTF_8);
            throw exception(
                    before,
                    before.length(),
                    String.format("not UTF-8: the byte 0x%02x is no part of a character here", bytes[in.position()]));
        }
    }

    /** What is wrong at an index of the text, with its line and column. */
    static ManifestException exception(String text, int index, String problem) {
        int line = 1;
        int start = 0;
        for (int newline = text.indexOf('\n'); newline >= 0 && newline < index; newline = text.indexOf('\n', start)) {
            line++;
            start = newline + 1;
        }
        return new ManifestException(line, text.codePointCount(start, index) + 1, problem);
    }
}
