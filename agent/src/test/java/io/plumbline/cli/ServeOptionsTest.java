package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServeOptionsTest {

    @Test
    void timesAreReadAsPeopleWriteThem() {
        assertThat(Times.parse("15s")).contains(Duration.ofSeconds(15));
        assertThat(Times.parse("100ms")).contains(Duration.ofMillis(100));
        assertThat(Times.parse("2m")).contains(Duration.ofMinutes(2));
        assertThat(Times.parse(" 1h ")).contains(Duration.ofHours(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "15", "s", "-1s", "1.5s", "99ms", "61m", "2h", "15 s", "999999999h", "9999999999999s", "0s"})
    void whatIsNoUsableTimeIsNone(String text) {
        assertThat(Times.parse(text)).isEmpty();
    }

    @Test
    void stateIsKeptWhereTheSystemKeepsIt() {
        assertThat(StateDirectory.usual(Map.of("HOME", "/root"), true)).contains(Path.of("/var/lib/plumbline"));
        assertThat(StateDirectory.usual(Map.of("HOME", "/home/a"), false))
                .contains(Path.of("/home/a/.local/state/plumbline"));
        assertThat(StateDirectory.usual(Map.of("HOME", "/home/a", "XDG_STATE_HOME", "/x"), false))
                .contains(Path.of("/x/plumbline"));
        assertThat(StateDirectory.usual(Map.of("HOME", "/home/a", "XDG_STATE_HOME", "relative"), false))
                .contains(Path.of("/home/a/.local/state/plumbline"));
        assertThat(StateDirectory.usual(Map.of(), false)).isEmpty();
    }

    /** Trap: a scan of somebody else's tree must not close what is remembered of this machine. */
    @Test
    void anotherTreeIsNotRememberedUnlessAPlaceIsNamed() {
        assertThat(StateDirectory.open(null, false)).isEmpty();
    }
}
