package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** What is known of where standard output leads. */
class TerminalTest {

    private static final Map<String, String> XTERM = Map.of("TERM", "xterm");
    private static final OptionalInt NOT_SAID = OptionalInt.empty();

    @Test
    void terminalItselfSaysHowWideItIs() {
        assertThat(Terminal.of(XTERM, true, OptionalInt.of(80)).width()).isEqualTo(80);
        assertThat(Terminal.of(XTERM, true, OptionalInt.of(7)).width()).isEqualTo(40);
    }

    @Test
    void whoSetsColumnsMeansIt() {
        assertThat(Terminal.of(Map.of("COLUMNS", "100"), true, OptionalInt.of(80))
                        .width())
                .isEqualTo(100);
        assertThat(Terminal.of(Map.of("COLUMNS", "wide"), true, OptionalInt.of(80))
                        .width())
                .isEqualTo(80);
    }

    @Test
    void pipeHasTheUsualWidthAndNoColours() {
        assertThat(Terminal.of(XTERM, false, NOT_SAID)).isEqualTo(new Terminal(120, false));
    }

    @Test
    void coloursAreForTerminalsThatWantThem() {
        assertThat(Terminal.of(XTERM, true, NOT_SAID).colour()).isTrue();
        assertThat(Terminal.of(Map.of("TERM", "dumb"), true, NOT_SAID).colour()).isFalse();
        assertThat(Terminal.of(Map.of(), true, NOT_SAID).colour()).isFalse();
        assertThat(Terminal.of(Map.of("TERM", "xterm", "NO_COLOR", "1"), true, NOT_SAID)
                        .colour())
                .isFalse();
    }
}
