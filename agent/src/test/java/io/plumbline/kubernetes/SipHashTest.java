package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SipHashTest {

    /** {@code hash(b"...")} of CPython 3.11 with PYTHONHASHSEED=0, which makes the key zero. */
    @Test
    void saysWhatCPythonSays() {
        SipHash hash = new SipHash(0, 0);
        assertThat(of(hash, "a")).isEqualTo(0x407448d2b89b1813L);
        assertThat(of(hash, "abcdefg")).isEqualTo(0x6db12aae9070f506L);
        assertThat(of(hash, "abcdefgh")).isEqualTo(0x3f7b849c0b8e35eaL);
        assertThat(of(hash, "abcdefghijklmnopqrstuvwxyz")).isEqualTo(0x323ccd2fd30709dfL);
    }

    @Test
    void isAnotherUnderAnotherKey() {
        assertThat(of(SipHash.random(), "abc")).isNotEqualTo(of(SipHash.random(), "abc"));
        assertThat(of(new SipHash(1, 0), "abc")).isNotEqualTo(of(new SipHash(0, 1), "abc"));
    }

    private static long of(SipHash hash, String text) {
        return hash.of(text.getBytes(US_ASCII), text.length());
    }
}
