package io.plumbline.kernel;

import static io.plumbline.kernel.AuditLines.BOOT;
import static io.plumbline.kernel.AuditLines.LOAD;
import static io.plumbline.kernel.AuditLines.READ;
import static io.plumbline.kernel.AuditLines.line;
import static io.plumbline.kernel.AuditLines.observed;
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

/** What single lines add to the counts. */
class AuditTalliesTest {
    @Test
    void whatPassedInComplainModeIsCountedFromTheProfilesLastLoadOn() {
        AuditTallies tallies = kernel(
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
        ProfileEvents events = observed(tallies.of("web"));
        assertThat(events.allowed()).isEqualTo(3);
        assertThat(events.denied()).isEqualTo(1);
        assertThat(events.isWhole()).isTrue();
        assertThat(events.since()).isEqualTo(Instant.parse("2023-11-14T22:13:41.001Z"));
        assertThat(events.most().get(0)).isEqualTo(new Deed("open", "/etc/shadow", "r", "cat", 2));
        assertThat(events.most()).contains(new Deed("capable", "net_raw", "", "ping", 1));
    }

    /** Debian's kernel 6.1, as its /dev/kmsg was read: profiles loaded by hand and from here, watched, promoted, enforced. */
    @Test
    void whatAKernelWroteIsCounted() throws IOException {
        AuditTallies tallies = new AuditTallies(Instant.parse("2026-11-21T16:08:47Z"), 10, PrintLimit.usual());
        String captured = Files.readString(Path.of("src/test/resources/apparmor/kmsg-linux-6.1.txt"));
        captured.lines().forEach(line -> tallies.kernelRecord(line + "\n"));
        ProfileEvents promoted = observed(tallies.of("idle"));
        assertThat(promoted.since()).isEqualTo(Instant.parse("2026-11-21T16:11:09.504Z"));
        assertThat(List.of(promoted.allowed(), promoted.denied())).containsOnly(0L);
        ProfileEvents enforced = observed(tallies.of("busy"));
        assertThat(enforced.allowed()).as("before it was replaced").isZero();
        assertThat(enforced.most()).containsExactly(new Deed("mknod", "/tmp/two", "c", "touch", 1));
        assertThat(observed(tallies.of("docker-nginx-sample")).denied())
                .as("audited is not denied")
                .isZero();
        for (String name : List.of("idle", "busy", "forgotten", "theirs", "cri-containerd.apparmor.d")) {
            assertThat(observed(tallies.of(name)).isWhole()).as(name).isTrue();
        }
        assertThat(tallies.of("unheard-of")).isInstanceOf(Reading.Unreadable.class);
        AuditTallies watched = new AuditTallies(Instant.parse("2026-11-21T16:08:47Z"), 10, PrintLimit.usual());
        captured.lines()
                .takeWhile(
                        line -> !line.contains("name=\"busy\" pid=130 comm=\"java\"") || line.contains("profile_load"))
                .forEach(line -> watched.kernelRecord(line + "\n"));
        assertThat(observed(watched.of("busy")).allowed()).isEqualTo(4);
        assertThat(observed(watched.of("busy")).most()).contains(new Deed("capable", "chown", "", "chown", 1));
    }

    @Test
    void withoutTheLineOfTheLoadNothingIsKnownAndThatIsNoZero() {
        assertThat(why(kernel(READ.replace("\"web\"", "\"db\"")))).contains("has no line of the profile's load");
        assertThat(why(kernel())).contains("holds nothing of AppArmor's");
        assertThat(why(kernel(LOAD.replace("name=\"web\"", "ns=\"tenant\" name=\"web\""))))
                .contains("has no line of the profile's load");
    }

    @Test
    void whatWasDeniedWithoutTheLineOfTheLoadIsTheLeastThatWas() {
        ProfileEvents events = observed(kernel(
                        "apparmor=\"STATUS\" operation=\"profile_load\" profile=\"unconfined\" name=\"db\" pid=71 comm=\"p\"",
                        READ,
                        READ)
                .of("web"));
        assertThat(events.allowed()).isEqualTo(2);
        assertThat(events.isWhole()).isFalse();
        assertThat(events.since()).isEqualTo(Instant.parse("2023-11-14T22:13:40.000Z"));
    }

    @Test
    void whatAProcessIsCalledAndWhatItOpensIsNoField() {
        AuditTallies tallies = kernel(
                LOAD,
                READ.replace("comm=\"cat\"", "comm=" + hex("a\" profile=\"b\n"))
                        .replace("name=\"/etc/shadow\"", "name=" + hex("/tmp/apparmor=\"STATUS\" name=\"web")),
                "apparmor=\"ALLOWED\" operation=\"open\" profile=\"other\" name=\"profile=web\" pid=9 comm=\"profile=web\"");
        assertThat(observed(tallies.of("web")).most())
                .containsExactly(new Deed("open", "/tmp/apparmor=\"STATUS\" name=\"web", "r", "a\" profile=\"b\n", 1));
    }

    @Test
    void aNameThatIsLongerThanALineMayBeHidesNothing() {
        String path = hex("/tmp/" + "\u0001".repeat(9000));
        AuditTallies tallies = kernel(LOAD, READ.replace("name=\"/etc/shadow\"", "name=" + path));
        ProfileEvents events = observed(tallies.of("web"));
        assertThat(events.allowed()).isEqualTo(1);
        assertThat(events.most().get(0).object().length()).isLessThanOrEqualTo(1000);
    }

    @Test
    void whatAProgramWritesIntoTheKernelsLogIsNoLineOfTheKernels() {
        AuditTallies tallies = new AuditTallies(BOOT, 10, PrintLimit.usual());
        tallies.kernelRecord("5,1,1000,-;" + line(1, LOAD) + "\n");
        // As the kernel marks what came through /dev/kmsg: facility 1, whatever was asked for.
        tallies.kernelRecord("13,2,1001,-;" + line(2, READ) + "\n");
        tallies.kernelRecord("x,2,1001,-;" + line(2, READ) + "\n");
        tallies.kernelRecord("5,3,1002,-;init: said audit: type=1400 audit(1700000003.003:3): " + READ + "\n");
        tallies.kernelRecord("5,4,1003,-;type=USER_AVC msg=audit(1700000003.003:3): " + READ + "\n");
        assertThat(observed(tallies.of("web")).allowed()).isZero();
        tallies.kernelRecord("5,5,1004,-;" + line(5, READ) + "\n SUBSYSTEM=x\n");
        assertThat(observed(tallies.of("web")).allowed()).isEqualTo(1);
    }

    @Test
    void linesThatTheKernelHeldBackAreNotTakenForNone() {
        for (String said : List.of(
                "kauditd_printk_skb: 2807 callbacks suppressed",
                "show_signal_msg: 3 callbacks suppressed",
                "audit: audit_lost=3 audit_rate_limit=0 audit_backlog_limit=64",
                "audit: backlog limit exceeded",
                "audit: rate limit exceeded")) {
            AuditTallies tallies = kernel(LOAD);
            tallies.kernelRecord("4,9,60000000,-;" + said + "\n");
            assertThat(observed(tallies.of("web")).isWhole()).as(said).isFalse();
        }
        AuditTallies tallies = kernel(LOAD);
        tallies.kernelRecord("4,9,60000000,-;net_ratelimit: 7 callbacks suppressed\n");
        assertThat(observed(tallies.of("web")).isWhole()).isTrue();
    }

    /** It says so before the next line that it writes, which may never come. */
    @Test
    void afterAsManyLinesAsTheKernelMayWriteAtOnceMoreMayHaveBeenHeldBack() {
        AuditTallies tallies = new AuditTallies(BOOT, 10, PrintLimit.usual());
        for (int number = 1; number <= 10; number++) {
            tallies.kernelRecord("5," + number + ",2" + number + "0000,-;" + line(number, number == 1 ? LOAD : READ));
        }
        assertThat(tallies.limit().mayHoldBack()).isTrue();
        tallies.kernelRecord("5,11,9000000,-;" + line(11, READ));
        assertThat(tallies.limit().mayHoldBack()).isFalse();
        assertThat(observed(tallies.of("web")).allowed()).isEqualTo(10);
    }

    /** They share the limit: a process that crashes in a loop silences the audit records of others. */
    @Test
    void linesAboutCrashesCountForTheSameLimit() {
        AuditTallies tallies = new AuditTallies(BOOT, 10, PrintLimit.usual());
        for (int number = 0; number < 5; number++) {
            tallies.kernelRecord(
                    "6," + number + ",1000,-;a b[77]: segfault at 0 ip 00005581 sp 00007ffd error 4 in a[1+2]\n");
            tallies.kernelRecord(
                    "6," + number + ",1000,-;traps: a[77] trap invalid opcode ip:5581 sp:7ffd error:0 in a[1+2]\n");
        }
        assertThat(tallies.limit().mayHoldBack()).isTrue();
    }

    @Test
    void whatMayHaveGoneToTheOtherLogIsNotTakenForNone() {
        AuditTallies tallies = kernel(LOAD);
        tallies.auditdLine("type=DAEMON_START msg=audit(1700000010.000:1): op=start ver=3.0.9");
        assertThat(observed(tallies.of("web")).isWhole())
                .as("auditd came before")
                .isTrue();
        tallies.auditdLine("type=DAEMON_START msg=audit(1700000030.000:1): op=start ver=3.0.9");
        assertThat(observed(tallies.of("web")).isWhole())
                .as("auditd came later")
                .isFalse();
        tallies.auditdLine("type=AVC msg=audit(1700000040.000:2): " + LOAD);
        assertThat(observed(tallies.of("web")).isWhole()).as("loaded again").isTrue();
        tallies.kernelRecord("5,9,50000000,-;" + line(90, READ));
        assertThat(observed(tallies.of("web")).isWhole())
                .as("auditd was killed")
                .isFalse();
    }

    @Test
    void recordsThatWereLostOnTheirWayToAuditdAreMissedThere() {
        AuditTallies tallies = new AuditTallies(BOOT, 10, PrintLimit.usual());
        tallies.auditdLine("type=AVC msg=audit(1700000010.000:1): " + LOAD);
        tallies.kernelRecord("4,9,9000000,-;audit: audit_lost=3 audit_rate_limit=0 audit_backlog_limit=64\n");
        assertThat(observed(tallies.of("web")).isWhole()).as("before its load").isTrue();
        tallies.kernelRecord("4,9,11000000,-;audit: audit_lost=3 audit_rate_limit=0 audit_backlog_limit=64\n");
        assertThat(observed(tallies.of("web")).isWhole()).as("after its load").isFalse();
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

    private static AuditTallies kernel(String... lines) {
        AuditTallies tallies = new AuditTallies(BOOT, 10, PrintLimit.usual());
        int number = 0;
        for (String each : lines) {
            tallies.kernelRecord("5," + number + "," + (20 + number) + "000000,-;" + line(number++, each) + "\n");
        }
        return tallies;
    }

    private static String why(AuditTallies tallies) {
        return tallies.of("web").trouble().orElseThrow();
    }

    private static String hex(String text) {
        return HexFormat.of().withUpperCase().formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
