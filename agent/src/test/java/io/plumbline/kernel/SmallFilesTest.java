package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.CommandLine;
import io.plumbline.model.IdMap;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.NodeFacts.PortRange;
import io.plumbline.model.Reading;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of a line or two. */
class SmallFilesTest {

    /** Trap of hostUsers false: ids are translated by uid_map. */
    @Test
    void idMapTranslatesBothWays() {
        IdMap map = Parsed.value(
                IdMapFile.parse(Parsed.file(CapturedNode.containers().resolve("userns/uid_map"))));
        assertThat(map.ranges()).containsExactly(new IdMap.Range(0, 100000, 65536));
        assertThat(map.inside(100405)).isEqualTo(OptionalLong.of(405));
        assertThat(map.inside(0)).isEmpty();
    }

    @Test
    void idMapOfTheFirstNamespaceIsTheWholeRange() {
        IdMap map = Parsed.value(
                IdMapFile.parse(Parsed.file(CapturedNode.containers().resolve("host-init/uid_map"))));
        assertThat(map.ranges()).containsExactly(new IdMap.Range(0, 0, 4294967295L));
    }

    @Test
    void idMapThatIsNotSetYetIsEmpty() {
        assertThat(IdMapFile.parse(Parsed.content(""))).isEqualTo(Reading.of(new IdMap(List.of())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0 0\n", "0 0 1 1\n", "a b c\n", "0 0 4294967296\n", "0 0 1"})
    void idMapOfAnotherFormIsUnreadable(String text) {
        assertThat(IdMapFile.parse(Parsed.content(text))).isEqualTo(Parsed.notInForm());
    }

    @Test
    void namespaceIsTheInodeOfALinkOfItsOwnKind() {
        assertThat(NamespaceLinks.parse(NamespaceType.MNT, Parsed.content("mnt:[4026532403]")))
                .isEqualTo(Reading.of(4026532403L));
        for (String other : List.of("net:[4026532403]", "mnt:[]", "mnt:[1", "mnt:[1]x", "mnt:[4294967296]", "", "/x")) {
            assertThat(NamespaceLinks.parse(NamespaceType.MNT, Parsed.content(other)))
                    .isEqualTo(Parsed.notInForm());
        }
    }

    /** Trap of AppArmor strings: a newline from AppArmor, a NUL from SELinux. */
    @Test
    void labelEndsBeforeNewlineAndNul() {
        assertThat(AttrCurrent.parse(Parsed.content("cri-containerd.apparmor.d (enforce)\n")))
                .isEqualTo(Reading.of("cri-containerd.apparmor.d (enforce)"));
        assertThat(AttrCurrent.parse(Parsed.content("kernel\0"))).isEqualTo(Reading.of("kernel"));
        assertThat(AttrCurrent.parse(Parsed.content("a b//&:ns://c (mixed)\n")))
                .isEqualTo(Reading.of("a b//&:ns://c (mixed)"));
    }

    @Test
    void commandLineIsSplitAtNul() {
        assertThat(CmdlineFile.parse(Parsed.content("/bin/sleep\0" + "9\0\0x\0")))
                .isEqualTo(new CommandLine(List.of("/bin/sleep", "9", "", "x"), false));
        assertThat(CmdlineFile.parse(Parsed.content(""))).isEqualTo(new CommandLine(List.of(), false));
    }

    @Test
    void commandLineThatWasWrittenOverNeedNotEndInNul() {
        assertThat(CmdlineFile.parse(Parsed.content("nginx: master process")))
                .isEqualTo(new CommandLine(List.of("nginx: master process"), false));
    }

    @Test
    void longCommandLineIsCutAndSaysSo() {
        byte[] bytes = "a".repeat(CmdlineFile.LIMIT + 1).getBytes(StandardCharsets.UTF_8);
        CommandLine line = CmdlineFile.parse(Parsed.content(bytes));
        assertThat(line.cut()).isTrue();
        assertThat(line.arguments()).containsExactly("a".repeat(CmdlineFile.LIMIT));
        assertThat(CmdlineFile.parse(new Content("", bytes, CmdlineFile.LIMIT)).cut())
                .isFalse();
    }

    @Test
    void commandLineOfAnyBytesBecomesText() {
        byte[] bytes = {'a', (byte) 0xff, 0x1b, '[', '3', '1', 'm', '\n', 0};
        assertThat(CmdlineFile.parse(Parsed.content(bytes)).arguments()).containsExactly("a\ufffd\u001b[31m\n");
    }

    @Test
    void bootTimeIsOneLineOfStat() {
        Content stat = Parsed.file(CapturedNode.kubernetes().resolve("proc/stat"));
        assertThat(ProcStatFile.bootTime(stat)).isEqualTo(Reading.of(Instant.ofEpochSecond(1795209374)));
        assertThat(ProcStatFile.bootTime(Parsed.content("cpu 1 2\n"))).isEqualTo(Parsed.unreadable("no btime line"));
        assertThat(ProcStatFile.bootTime(Parsed.content("btime x\n"))).isEqualTo(Parsed.notInForm());
    }

    @Test
    void uptimeHasHundredths() {
        assertThat(UptimeFile.parse(Parsed.content("2016.05 2693.55\n")))
                .isEqualTo(Reading.of(Duration.ofMillis(2_016_050)));
        for (String other : List.of("", "1", "1.", "1.5 2\n", "1.234 2\n", "-1.00 2\n")) {
            assertThat(UptimeFile.parse(Parsed.content(other))).isEqualTo(Parsed.notInForm());
        }
    }

    @Test
    void lastCapabilityIsABit() {
        assertThat(CapLastCap.parse(Parsed.content("40\n"))).isEqualTo(Reading.of(40));
        assertThat(CapLastCap.parse(Parsed.content("64\n"))).isEqualTo(Parsed.notInForm());
        assertThat(CapLastCap.parse(Parsed.content(""))).isEqualTo(Parsed.notInForm());
    }

    @Test
    void portRangeHasTwoEnds() {
        assertThat(IpLocalPortRange.parse(Parsed.content("32768\t60999\n")))
                .isEqualTo(Reading.of(new PortRange(32768, 60999)));
        assertThat(IpLocalPortRange.parse(Parsed.content("32768\n"))).isEqualTo(Parsed.notInForm());
        assertThat(IpLocalPortRange.parse(Parsed.content("1 65536\n"))).isEqualTo(Parsed.notInForm());
    }

    @Test
    void descriptorOfASocketHasItsInode() {
        assertThat(FdLinks.socket(Parsed.content("socket:[4026]"))).hasValue(4026);
        for (String other : List.of("pipe:[4026]", "/tmp/socket:[1]", "socket:[", "socket:[1]x", "")) {
            assertThat(FdLinks.socket(Parsed.content(other))).isEmpty();
        }
    }
}
