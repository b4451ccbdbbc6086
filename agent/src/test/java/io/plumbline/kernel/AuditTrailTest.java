package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.ProfileEvents;
import io.plumbline.model.ProfileEvents.Deed;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lines as kernels 6.1 and 6.12 write them; that they come from a kernel is shown in the guest machine. */
class AuditTrailTest {
    private static final Instant BOOT = Instant.ofEpochSecond(1_700_000_000);
    private static final String LOAD =
            "apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\" name=\"web\""
                    + " pid=71 comm=\"plumbline\"";
    private static final String READ =
            "apparmor=\"ALLOWED\" operation=\"open\" profile=\"web\" name=\"/etc/shadow\" pid=9"
                    + " comm=\"cat\" requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0";

    @TempDir
    private Path root;

    @Test
    void whatPassedInComplainModeIsCountedFromTheProfilesLastLoadOn() {
        EventTally tally = kernel(
                READ,
                LOAD,
                READ,
                "apparmor=\"STATUS\" info=\"same as current profile, skipping\" operation=\"profile_replace\" name=\"web\" pid=1"
                        + " comm=\"p\"",
                "apparmor=\"STATUS\" operation=\"profile_replace\" info=\"failed\" error=-71 name=\"web\" pid=1 comm=\"p\"",
                "apparmor=\"ALLOWED\" operation=\"open\" class=\"file\" profile=\"web//null-/bin/sh\" name=\"/x\" pid=9 comm=\"sh\""
                        + " requested_mask=\"wc\" denied_mask=\"wc\" fsuid=0 ouid=0",
                READ,
                "apparmor=\"DENIED\" operation=\"capable\" profile=\"web\" pid=9 comm=\"ping\" capability=13  capname=\"net_raw\"",
                "apparmor=\"AUDIT\" operation=\"open\" profile=\"web\" name=\"/x\" pid=9 comm=\"cat\"",
                READ.replace("\"web\"", "\"web2\""));
        ProfileEvents events = tally.of("web").orElseThrow();
        assertThat(events.allowed()).isEqualTo(3);
        assertThat(events.denied()).isEqualTo(1);
        assertThat(events.isWhole()).isTrue();
        assertThat(events.since()).isEqualTo(Instant.parse("2023-11-14T22:13:41.001Z"));
        assertThat(events.most().get(0)).isEqualTo(new Deed("open", "/etc/shadow", "r", "cat", 2));
        assertThat(events.most()).contains(new Deed("capable", "net_raw", "", "ping", 1));
    }

    @Test
    void withoutTheLineOfTheLoadNothingIsKnownAndThatIsNoZero() {
        assertThat(kernel(READ).of("web")).isEmpty();
        assertThat(kernel(READ).why()).contains("has no line of the profile's load");
        assertThat(kernel().why()).contains("holds nothing of AppArmor's");
        assertThat(kernel(LOAD.replace("name=\"web\"", "ns=\"tenant\" name=\"web\""))
                        .of("web"))
                .isEmpty();
    }

    @Test
    void whatAProcessIsCalledAndWhatItOpensIsNoField() {
        EventTally tally = kernel(
                LOAD,
                READ.replace("comm=\"cat\"", "comm=" + hex("a\" profile=\"b\n"))
                        .replace("name=\"/etc/shadow\"", "name=" + hex("/tmp/apparmor=\"STATUS\" name=\"web")),
                "apparmor=\"ALLOWED\" operation=\"open\" profile=\"other\" name=\"profile=web\" pid=9 comm=\"profile=web\"");
        assertThat(tally.of("web").orElseThrow().most())
                .containsExactly(new Deed("open", "/tmp/apparmor=\"STATUS\" name=\"web", "r", "a\" profile=\"b\n", 1));
    }

    @Test
    void whatAProgramWritesIntoTheKernelsLogIsNoLineOfTheKernels() {
        EventTally tally = new EventTally(AuditTrail.KERNEL, List.of("web"), BOOT);
        AuditTrail.record("5,1,1000,-;" + line(1, LOAD) + "\n", tally);
        // As the kernel marks what came through /dev/kmsg: facility 1, whatever was asked for.
        AuditTrail.record("13,2,1001,-;" + line(2, READ) + "\n", tally);
        AuditTrail.record("x,2,1001,-;" + line(2, READ) + "\n", tally);
        AuditTrail.record("5,3,1002,-;init: said audit: type=1400 audit(1700000003.003:3): " + READ + "\n", tally);
        AuditTrail.record("5,4,1003,-;type=USER_AVC msg=audit(1700000003.003:3): " + READ + "\n", tally);
        assertThat(tally.of("web").orElseThrow().allowed()).isZero();
        AuditTrail.record("5,5,1004,-;" + line(5, READ) + "\n SUBSYSTEM=x\n", tally);
        assertThat(tally.of("web").orElseThrow().allowed()).isEqualTo(1);
    }

    @Test
    void linesThatTheKernelHeldBackAreNotTakenForNone() {
        for (String said : List.of(
                "kauditd_printk_skb: 2807 callbacks suppressed",
                "audit: audit_lost=3 audit_rate_limit=0 audit_backlog_limit=64",
                "audit: backlog limit exceeded",
                "audit: rate limit exceeded")) {
            EventTally tally = kernel(LOAD);
            AuditTrail.record("4,9,2000,-;" + said + "\n", tally);
            assertThat(tally.of("web").orElseThrow().isWhole()).as(said).isFalse();
        }
    }

    @Test
    void auditdsFilesAreReadOldestFirstAndWhatIsOfAnotherBootIsLeftOut() throws IOException {
        log("audit.log.2", "type=AVC msg=audit(1600000000.000:1): " + LOAD);
        log(
                "audit.log.1",
                "type=AVC msg=audit(1700000010.000:1): " + LOAD,
                "type=AVC msg=audit(1700000011.000:2): " + READ);
        log(
                "audit.log",
                "type=SYSCALL msg=audit(1700000012.000:3): arch=c000003e syscall=257 comm=\"cat\"",
                "node=n1 type=AVC msg=audit(1700000012.000:3): " + READ + "\u001dFSUID=\"root\" profile=\"x\"",
                "type=USER_AVC msg=audit(1700000012.000:4): " + READ);
        ProfileEvents events = observed(trail().of(List.of("web")).get("web"));
        assertThat(events.source()).isEqualTo("/var/log/audit/audit.log");
        assertThat(events.allowed()).isEqualTo(2);
        assertThat(events.since()).isEqualTo(Instant.ofEpochSecond(1_700_000_010));
        log("audit.log", "type=DAEMON_END msg=audit(1700000013.000:9): op=terminate");
        assertThat(observed(trail().of(List.of("web")).get("web")).isWhole()).isFalse();
    }

    @Test
    void aLogThatIsNotThereIsNamed() throws IOException {
        AuditTrail trail = trail();
        assertThat(trail.of(List.of("web")).get("web").trouble().orElseThrow())
                .contains("/dev/kmsg: ENOENT")
                .contains("/var/log/audit/audit.log: no such file");
    }

    @Test
    void thisMachinesOwnLogIsReadToItsEndOrSaysWhyNot() {
        Reading<ProfileEvents> events =
                new AuditTrail(Path.of("/")).of(List.of("no-such-profile-here")).get("no-such-profile-here");
        assertThat(events).isInstanceOf(Reading.Unreadable.class);
        assertThat(events.trouble().orElseThrow()).contains("/dev/kmsg");
    }

    @Test
    void noLineHoweverBrokenIsMoreThanIgnored() {
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            StringBuilder line = new StringBuilder(line(1, READ));
            for (int change = random.nextInt(8); change >= 0; change--) {
                int at = random.nextInt(line.length());
                switch (random.nextInt(3)) {
                    case 0 -> line.setCharAt(at, (char) random.nextInt(0x80));
                    case 1 -> line.delete(at, Math.min(line.length(), at + random.nextInt(20)));
                    default -> line.insert(at, "\" =\"0A".charAt(random.nextInt(6)));
                }
                line.append(' ');
            }
            Optional<AppArmorEvent> event = AppArmorEvent.parse(line.toString());
            assertThat(event.map(AppArmorEvent::command).orElse("").length()).isLessThan(1000);
        }
    }

    private static EventTally kernel(String... lines) {
        EventTally tally = new EventTally(AuditTrail.KERNEL, List.of("web", "db"), BOOT);
        int number = 0;
        for (String each : lines) {
            AuditTrail.record("5," + number + ",1000,-;" + line(number++, each) + "\n", tally);
        }
        return tally;
    }

    private static String line(int number, String text) {
        return "audit: type=1400 audit(" + (BOOT.getEpochSecond() + 20 + number) + ".00" + number % 10 + ":" + number
                + "): " + text;
    }

    private static String hex(String text) {
        return HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }

    private AuditTrail trail() throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.writeString(root.resolve("proc/stat"), "cpu 1 2 3\nbtime " + BOOT.getEpochSecond() + "\n");
        return new AuditTrail(root);
    }

    private void log(String name, String... lines) throws IOException {
        Path file = Files.createDirectories(root.resolve("var/log/audit")).resolve(name);
        Files.writeString(
                file,
                (Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "")
                        + String.join("\n", lines) + "\n",
                StandardCharsets.ISO_8859_1);
    }

    private static ProfileEvents observed(Reading<ProfileEvents> reading) {
        return reading.observed().orElseThrow(() -> new AssertionError(reading.trouble()));
    }
}
