package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Texts that come again. */
class TextsTest {

    private final Texts texts = new Texts();

    @Test
    void textThatComesAgainIsTheSameObject() {
        String first = of("kube-system");

        assertThat(first).isEqualTo("kube-system");
        assertThat(of("kube-system")).isSameAs(first);
        assertThat(of("")).isEmpty();
    }

    @Test
    void onlyTheNamedCharactersCount() {
        assertThat(texts.of("xxnamexx".toCharArray(), 2, 4).orElseThrow())
                .isEqualTo("name")
                .isSameAs(of("name"));
    }

    /** {@code "Aa"} and {@code "BB"} have one hash, and so has every text made of as many of them. */
    @Test
    void textsChosenToCollideStayRightAndDoNotPileUp() {
        for (int round = 0; round < 2; round++) {
            for (int bits = 0; bits < 1 << 12; bits++) {
                StringBuilder text = new StringBuilder();
                for (int bit = 0; bit < 12; bit++) {
                    text.append(((bits >> bit) & 1) == 0 ? "Aa" : "BB");
                }
                assertThat(of(text.toString())).isEqualTo(text.toString());
            }
        }
    }

    @Test
    void moreTextsThanThereIsRoomForStayRight() {
        for (int i = 0; i < 40_000; i++) {
            assertThat(of("pod-" + i)).isEqualTo("pod-" + i);
        }
    }

    @Test
    void longTextIsMadeEachTime() {
        String text = "x".repeat(500);

        assertThat(of(text)).isEqualTo(text).isNotSameAs(of(text));
    }

    private String of(String text) {
        return texts.of(text.toCharArray(), 0, text.length()).orElseThrow();
    }
}
