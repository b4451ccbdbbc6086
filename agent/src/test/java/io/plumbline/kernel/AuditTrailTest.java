package io.plumbline.kernel;

import static io.plumbline.kernel.AuditLines.BOOT;
import static io.plumbline.kernel.AuditLines.LOAD;
import static io.plumbline.kernel.AuditLines.READ;
import static io.plumbline.kernel.AuditLines.observed;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which lines are read of the logs, and when. */
class AuditTrailTest {
    @TempDir
    private Path root;

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
        ProfileEvents events = seen(trail());
        assertThat(events.source()).isEqualTo("/var/log/audit/audit.log");
        assertThat(events.allowed()).isEqualTo(2);
        assertThat(events.since()).isEqualTo(Instant.ofEpochSecond(1_700_000_010));
        log("audit.log", "type=DAEMON_END msg=audit(1700000013.000:9): op=terminate");
        assertThat(seen(trail()).isWhole()).isFalse();
    }

    @Test
    void lookAfterLookReadsOnWhereTheLastOneEnded() throws IOException {
        String load = "type=AVC msg=audit(1700000010.000:1): " + LOAD;
        String read = "type=AVC msg=audit(1700000011.000:2): " + READ;
        log("audit.log", load, read);
        try (AuditTrail trail = trail()) {
            assertThat(seen(trail).allowed()).isEqualTo(1);
            assertThat(seen(trail).allowed()).isEqualTo(1);
            log("audit.log", read);
            assertThat(seen(trail).allowed()).isEqualTo(2);
            // As auditd rotates.
            log("audit.log", read);
            Files.move(file("audit.log"), file("audit.log.1"));
            assertThat(seen(trail).allowed()).as("what came just before").isEqualTo(3);
            log("audit.log", read);
            assertThat(seen(trail).allowed()).isEqualTo(4);
            Files.move(file("audit.log.1"), file("audit.log.2"));
            Files.move(file("audit.log"), file("audit.log.1"));
            log("audit.log", read);
            assertThat(seen(trail).allowed()).isEqualTo(5);
            assertThat(seen(trail).isWhole()).isTrue();
            Files.delete(file("audit.log"));
            log("audit.log", read);
            assertThat(seen(trail).isWhole()).as("a file went unread").isFalse();
            assertThat(seen(trail).allowed()).isEqualTo(6);
        }
    }

    @Test
    void aLogThatWasEmptiedIsReadFromItsBeginningAndSomethingMayBeMissing() throws IOException {
        log("audit.log", "type=AVC msg=audit(1700000010.000:1): " + LOAD, "x".repeat(5000));
        try (AuditTrail trail = trail()) {
            assertThat(seen(trail).isWhole()).isTrue();
            Files.writeString(file("audit.log"), "type=AVC msg=audit(1700000011.000:2): " + READ + "\n");
            assertThat(seen(trail).allowed()).isEqualTo(1);
            assertThat(seen(trail).isWhole()).isFalse();
        }
    }

    @Test
    void aLogThatComesLaterIsReadWhenItIsThere() throws IOException {
        try (AuditTrail trail = trail()) {
            assertThat(trail.of(List.of("web")).get("web")).isInstanceOf(Reading.Unreadable.class);
            log("audit.log", "type=AVC msg=audit(1700000010.000:1): " + LOAD);
            assertThat(seen(trail).allowed()).isZero();
        }
    }

    @Test
    void aLineWithoutEndIsNeitherKeptNorTakenForMore() throws IOException {
        String read = "type=AVC msg=audit(1700000011.000:2): " + READ;
        log("audit.log", "type=AVC msg=audit(1700000010.000:1): " + LOAD);
        try (AuditTrail trail = trail()) {
            Files.writeString(file("audit.log"), "y".repeat(3 << 20), StandardOpenOption.APPEND);
            assertThat(seen(trail).allowed()).isZero();
            Files.writeString(file("audit.log"), "\n" + read.substring(0, 60), StandardOpenOption.APPEND);
            assertThat(seen(trail).allowed()).isZero();
            Files.writeString(file("audit.log"), read.substring(60) + "\n", StandardOpenOption.APPEND);
            assertThat(seen(trail).allowed()).isEqualTo(1);
        }
    }

    /** A scan waits for it. */
    @Test
    void aLookOfManyReadsNoMoreThanItMayAndSaysThatThereIsMore() throws IOException {
        log("audit.log", "type=AVC msg=audit(1700000010.000:1): " + LOAD);
        Files.writeString(
                file("audit.log"),
                ("z".repeat(1000) + "\n").repeat(3 << 9) + "type=AVC msg=audit(1700000011.000:2): " + READ + "\n",
                StandardOpenOption.APPEND);
        try (AuditTrail trail = AuditTrail.following(prepared())) {
            assertThat(seen(trail).allowed()).isZero();
            assertThat(seen(trail).isWhole()).isTrue();
            assertThat(seen(trail).allowed()).isEqualTo(1);
            assertThat(seen(trail).most()).isEmpty();
        }
        try (AuditTrail trail = AuditTrail.following(prepared())) {
            assertThat(seen(trail).isWhole()).isFalse();
        }
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
        Reading<ProfileEvents> events = AuditTrail.below(Path.of("/"))
                .of(List.of("no-such-profile-here"))
                .get("no-such-profile-here");
        assertThat(events).isInstanceOf(Reading.Unreadable.class);
        assertThat(events.trouble().orElseThrow()).contains("/dev/kmsg");
    }

    private static ProfileEvents seen(AuditTrail trail) {
        return observed(trail.of(List.of("web")).get("web"));
    }

    private AuditTrail trail() throws IOException {
        return AuditTrail.below(prepared());
    }

    private Path prepared() throws IOException {
        Files.createDirectories(root.resolve("proc"));
        Files.writeString(root.resolve("proc/stat"), "cpu 1 2 3\nbtime " + BOOT.getEpochSecond() + "\n");
        return root;
    }

    private Path file(String name) throws IOException {
        return Files.createDirectories(root.resolve("var/log/audit")).resolve(name);
    }

    private void log(String name, String... lines) throws IOException {
        Files.writeString(
                file(name),
                String.join("\n", lines) + "\n",
                StandardCharsets.ISO_8859_1,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
