package io.plumbline;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** What a hostile writer would choose, decided by a seed. */
public final class Noise {
    private static final String[] NUMBERS = {
        "0",
        "1",
        "2",
        "-1",
        "-0",
        "+1",
        "00",
        "007",
        "2147483647",
        "2147483648",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "99999999999999999999999999999999999999",
        "1e9",
        "1e999999999",
        "0x10",
        "0b1",
        "0o17",
        "1.5",
        "NaN",
        "\u0661",
        "",
        " ",
        "1 "
    };
    private static final String[] TEXTS = {
        "",
        " ",
        "a",
        "..",
        "/",
        "//",
        "/proc/self",
        "\n",
        "\r\n",
        "\t",
        "\0",
        "\u001b[31m",
        "\u001b]0;x\u0007",
        "\u0085",
        "\u2028",
        "\u202e",
        "\ufeff",
        "\ud800",
        "\u00e4",
        "\ud83d\ude00",
        "<script>alert(1)</script>",
        "'\"`$(x)",
        "%s%n",
        "${jndi:ldap://x}",
        "\\040",
        "\\",
        "x) S 1 (y",
        "Uid:\t0\t0\t0\t0",
        "null",
        "true",
        "*",
        "**",
        ":",
        "=",
        ",",
        "//&",
        " (enforce)",
        " (deleted)",
        "kubepods",
        "pod00000000-0000-0000-0000-000000000000"
    };

    private static final List<String> JSON = List.of("{", "}", "[", "]", ",", ":", "\"", "null", "true");

    private final SplittableRandom random;

    Noise(long run, long round) {
        // Neighbouring seeds give unrelated sequences only once mixed.
        random = new SplittableRandom(run ^ new SplittableRandom(round).nextLong());
    }

    /** From 0 to one below the bound; 0 where the bound is 0. */
    public int below(int bound) {
        return bound <= 0 ? 0 : random.nextInt(bound);
    }

    /** Once in so many times. */
    public boolean once(int in) {
        return random.nextInt(in) == 0;
    }

    /** From 0 to the bound, more often near its ends. */
    public long upTo(long bound) {
        return switch (below(4)) {
            case 0 -> 0;
            case 1 -> bound;
            default -> random.nextLong(bound) + below(2);
        };
    }

    @SafeVarargs
    public final <T> T one(T... values) {
        return values[below(values.length)];
    }

    public <T> T one(List<T> values) {
        return values.get(below(values.size()));
    }

    /** A number, or what somebody may take for one. */
    public String number() {
        return once(3) ? Long.toString(random.nextLong()) : one(NUMBERS);
    }

    /** Some text; now and then a long one. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (int parts = below(4); parts >= 0; parts--) {
            text.append(once(3) ? Character.toString((char) below(0x300)) : one(TEXTS));
        }
        return once(40) ? text.toString().repeat(1 + below(2000)) : text.toString();
    }

    /** Any bytes, fewer than so many. */
    public byte[] bytes(int below) {
        byte[] bytes = new byte[below(below)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** The words of a format that is written in JSON: JSON's own, and these. For {@link #spoiled}. */
    public static List<String> json(String... own) {
        return Stream.concat(JSON.stream(), Stream.of(own)).toList();
    }

    /**
     * A few places of a real text spoiled: changed, cut off, cut out, doubled, moved, or with a word or a number of the format put in.
     *
     * @param words of the format: what its readers look out for
     */
    public byte[] spoiled(byte[] real, List<String> words) {
        byte[] bytes = real;
        for (int changes = once(4) ? 1 + below(12) : below(3); changes >= 0; changes--) {
            int at = below(bytes.length);
            int run = Math.min(bytes.length - at, once(4) ? below(400) : below(20));
            byte[] cut = Arrays.copyOfRange(bytes, at, at + run);
            bytes = switch (below(8)) {
                case 0 -> once(3) ? Arrays.copyOf(bytes, at) : replaced(bytes, at, run, new byte[0]);
                case 1 -> replaced(bytes, at, Math.min(1, run), new byte[] {(byte) random.nextInt(256)});
                case 2 -> replaced(bytes, at, 0, cut);
                case 3 -> replaced(bytes, below(bytes.length), 0, cut);
                case 4 -> replaced(bytes, at, once(2) ? run : 0, number().getBytes(UTF_8));
                case 5 -> replaced(bytes, at, once(2) ? run : 0, text().getBytes(UTF_8));
                default ->
                    words.isEmpty()
                            ? bytes
                            : replaced(bytes, at, once(2) ? run : 0, one(words).getBytes(UTF_8));
            };
        }
        return bytes;
    }

    private static byte[] replaced(byte[] bytes, int at, int removed, byte[] put) {
        byte[] result = Arrays.copyOf(bytes, bytes.length - removed + put.length);
        System.arraycopy(put, 0, result, at, put.length);
        System.arraycopy(bytes, at + removed, result, at + put.length, bytes.length - at - removed);
        return result;
    }
}
