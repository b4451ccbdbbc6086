package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Credentials;
import io.plumbline.model.Ids;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusFileTest {

    private static StatusFile captured(String name) {
        return StatusFile.parse(
                Parsed.file(CapturedNode.containers().resolve(name).resolve("status")));
    }

    private static Credentials credentials(String name) {
        return Parsed.value(captured(name).credentials());
    }

    @Test
    void readsEveryCredential() {
        assertThat(credentials("saved-ids-differ").uids()).isEqualTo(new Ids(1000, 0, 0, 0));
        Credentials ambient = credentials("ambient-cap");
        assertThat(ambient.ambient()).isEqualTo(CapabilitySet.of(Capability.NET_BIND_SERVICE));
        Credentials plain = credentials("default-root");
        assertThat(plain)
                .isEqualTo(new Credentials(
                        new Ids(0, 0, 0, 0),
                        new Ids(0, 0, 0, 0),
                        List.of(0L),
                        CapabilitySet.NONE,
                        new CapabilitySet(0xa80425fbL),
                        new CapabilitySet(0xa80425fbL),
                        new CapabilitySet(0xa80425fbL),
                        CapabilitySet.NONE,
                        Optional.of(false),
                        Optional.of(2),
                        Optional.of(1)));
        assertThat(captured("default-root").nsPids().map(List::size)).isEqualTo(Reading.of(2));
    }

    /** Trap 1 of non-root: setuid takes permitted and effective away, the bounding set stays. */
    @Test
    void nonRootKeepsItsBoundingSet() {
        Credentials down = credentials("drift-setuid-down");
        assertThat(down.uids().any(0)).isFalse();
        assertThat(down.permitted()).isEqualTo(CapabilitySet.NONE);
        assertThat(down.effective()).isEqualTo(CapabilitySet.NONE);
        assertThat(down.bounding().isEmpty()).isFalse();
    }

    /** Trap of hostUsers false: what the host sees are high ids. */
    @Test
    void idsInAUserNamespaceAreThoseOfTheReader() {
        assertThat(credentials("userns").uids().real()).isEqualTo(100000);
    }

    @Test
    void nameCannotForgeLinesBecauseTheKernelEscapesIt() {
        String status = ProcFixture.model("status").replace("Name:\tsleep", "Name:\tx\\nUid:\\t0\\t0\\t0\\t0");
        assertThat(StatusFile.parse(Parsed.content(status)).credentials())
                .isEqualTo(captured("default-root").credentials());
    }

    @Test
    void lineThatIsThereTwiceIsNotGuessed() {
        String status = ProcFixture.model("status") + "CapBnd:\t0000000000000000\n";
        assertThat(StatusFile.parse(Parsed.content(status)).credentials()).isEqualTo(Parsed.notInForm());
    }

    @Test
    void missingLineIsNamed() {
        for (String line : List.of("Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:")) {
            String status = ProcFixture.model("status")
                    .lines()
                    .filter(text -> !text.startsWith(line))
                    .collect(Collectors.joining("\n", "", "\n"));
            assertThat(StatusFile.parse(Parsed.content(status)).credentials())
                    .isEqualTo(Parsed.unreadable("no " + line + " line"));
        }
    }

    @Test
    void olderKernelLacksLinesThatAreThenAbsent() {
        String status = ProcFixture.model("status")
                .lines()
                .filter(text ->
                        !text.startsWith("NSpid:") && !text.startsWith("NoNewPrivs:") && !text.startsWith("Seccomp"))
                .collect(Collectors.joining("\n", "", "\n"));
        StatusFile parsed = StatusFile.parse(Parsed.content(status));
        assertThat(parsed.nsPids()).isEqualTo(new Reading.Absent<>(Parsed.SOURCE));
        Credentials credentials = Parsed.value(parsed.credentials());
        assertThat(credentials.noNewPrivileges()).isEmpty();
        assertThat(credentials.seccompMode()).isEmpty();
        assertThat(credentials.seccompFilters()).isEmpty();
    }

    @Test
    void sixtyFiveThousandGroupsAreAllRead() {
        String groups = IntStream.range(0, 65536)
                .mapToObj(i -> Long.toString(0xffffffffL - i))
                .collect(Collectors.joining(" ", "Groups:\t", " "));
        String status = ProcFixture.model("status").replace("Groups:\t0 ", groups);
        List<Long> read = Parsed.value(StatusFile.parse(Parsed.content(status)).credentials())
                .groups();
        assertThat(read).hasSize(65536).startsWith(0xffffffffL, 0xfffffffeL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Uid:\t0\t0\t0\n",
                "Uid:\t0\t0\t0\t0\t0\n",
                "Uid:\t0\t0\t0\t4294967296\n",
                "Gid:\t0\t0\t0\tx\n",
                "Groups:\t0,1\n",
                "CapEff:\t3fffffffff\n",
                "CapEff:\t0000003fffffffffx\n",
                "NoNewPrivs:\t2\n",
                "Seccomp:\t\n",
                "NSpid:\t99999999999\n",
                "CapBnd:\t00000000a80425fb"
            })
    void malformedLineMakesTheFileUnreadable(String line) {
        assertThat(StatusFile.parse(Parsed.content(line)).credentials()).isEqualTo(Parsed.notInForm());
    }
}
