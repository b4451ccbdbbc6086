package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatFileTest {

    @Test
    void commHoldsParenthesesAndLooksLikeTheRestOfTheLine() {
        Content real = Parsed.file(CapturedNode.containers().resolve("odd-comm/stat"));
        assertThat(Parsed.value(StatFile.parse(real)))
                .isEqualTo(new StatFile("evil) S 1 (x", 'S', 1, 4194560, 1, 11169));
    }

    @Test
    void commHoldsNewlinesAndBytesThatAreNoText() {
        byte[] bytes =
                ProcFixture.stat(7, "a\nb) R 2 (\u00ff", 'D', 3).getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        StatFile stat = Parsed.value(StatFile.parse(Parsed.content(bytes)));
        assertThat(stat.comm()).isEqualTo("a\nb) R 2 (\ufffd");
        assertThat(stat.state()).isEqualTo('D');
        assertThat(stat.threads()).isEqualTo(3);
        assertThat(stat.startTicks()).isEqualTo(107);
    }

    @Test
    void kernelThreadIsKnownByItsFlag() {
        Content kthreadd = Parsed.file(CapturedNode.containers().resolve("host-kthread/stat"));
        assertThat(Parsed.value(StatFile.parse(kthreadd)).isKernelThread()).isTrue();
        Content init = Parsed.file(CapturedNode.containers().resolve("host-init/stat"));
        assertThat(Parsed.value(StatFile.parse(init)).isKernelThread()).isFalse();
    }

    @Test
    void zombieThatIsExitingIsNoLeaderOfLivingThreads() {
        StatFile zombie = Parsed.value(
                StatFile.parse(Parsed.file(CapturedNode.containers().resolve("host-zombie/stat"))));
        assertThat(zombie.isExiting()).isTrue();
        assertThat(zombie.isLeaderGone()).isFalse();
        assertThat(Parsed.value(StatFile.parse(Parsed.content(ProcFixture.stat(7, "x", 'Z', 2))))
                        .isLeaderGone())
                .isTrue();
    }

    @Test
    void startTimeThatMayHaveBeenCutIsNotTaken() {
        String whole = ProcFixture.stat(7, "sleep", 'S', 1);
        int end = whole.indexOf(" 107 ") + 4;
        assertThat(StatFile.parse(Parsed.content(whole.substring(0, end)))).isEqualTo(Parsed.notInForm());
        assertThat(StatFile.parse(Parsed.content(whole.substring(0, end) + "x")))
                .isEqualTo(Parsed.notInForm());
        assertThat(StatFile.parse(Parsed.content(whole.substring(0, end + 1))).observed())
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7", "7 (x", "7 (x)", "7 (x) ", "7 (x) S", "7 (x) S x", ")(", "7 (x) S -1 1 1 0 -1 0"})
    void whatIsNoStatIsUnreadable(String text) {
        assertThat(StatFile.parse(Parsed.content(text))).isEqualTo(Parsed.notInForm());
    }
}
