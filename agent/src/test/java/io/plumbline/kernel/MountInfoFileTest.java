package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MountInfoFileTest {

    private static MountTable table(String text) {
        return Parsed.value(MountInfoFile.parse(Parsed.content(text.getBytes(StandardCharsets.ISO_8859_1))));
    }

    private static Mount root(String capture) {
        Content file = Parsed.file(CapturedNode.containers().resolve(capture).resolve("mountinfo"));
        return Parsed.value(MountInfoFile.parse(file)).at("/").orElseThrow();
    }

    /** Trap of readOnlyRootFilesystem: field 6 says ro, the overlay's super options say rw. */
    @Test
    void overlayIsReadOnlyByItsMountAndNotByItsSuperOptions() {
        Mount readOnly = root("readonly-rootfs");
        assertThat(readOnly.options()).contains("ro");
        assertThat(readOnly.superOptions()).doesNotContain("ro").contains("rw");
        assertThat(readOnly.isReadOnly()).isTrue();
        assertThat(root("default-root").isReadOnly()).isFalse();
    }

    @Test
    void everyFieldIsRead() {
        assertThat(table("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue\n")
                        .mounts())
                .containsExactly(new Mount(
                        36,
                        35,
                        "98:0",
                        "/mnt1",
                        "/mnt2",
                        List.of("rw", "noatime"),
                        "ext3",
                        "/dev/root",
                        List.of("rw", "errors=continue"),
                        "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue"));
    }

    @Test
    void optionalFieldsMayBeNone() {
        assertThat(table("36 35 98:0 / / rw - ext4 /dev/root rw\n").mounts()).hasSize(1);
    }

    @Test
    void upperDirectoryOfAnOverlayIsFound() {
        Content file = Parsed.file(CapturedNode.kubernetes().resolve("proc/7280/mountinfo"));
        assertThat(Parsed.value(MountInfoFile.parse(file)).at("/").orElseThrow().superOption("upperdir"))
                .hasValue("/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/39/fs");
    }

    @Test
    void octalEscapesAreResolvedAfterTheFieldsAreSplit() {
        Mount mount = table("1 2 0:1 / /a\\040b\\012c\\134d\\011 rw - overlay none rw,upperdir=/x\\054y,k=\\0\n")
                .mounts()
                .get(0);
        assertThat(mount.mountPoint()).isEqualTo("/a b\nc\\d\t");
        assertThat(mount.line()).contains("/a\\040b\\012c\\134d\\011");
        assertThat(mount.superOption("upperdir")).hasValue("/x,y");
        assertThat(mount.superOption("k")).hasValue("\\0");
    }

    @Test
    void mountPointInUtf8IsTextAndOtherBytesAreReplaced() {
        String utf8 = new String("/kä".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(table("1 2 0:1 / " + utf8 + " rw - tmpfs t rw\n")
                        .mounts()
                        .get(0)
                        .mountPoint())
                .isEqualTo("/kä");
        assertThat(table("1 2 0:1 / /\u00ff rw - tmpfs t rw\n").mounts().get(0).mountPoint())
                .isEqualTo("/\ufffd");
    }

    @Test
    void emptySourceIsAField() {
        assertThat(table("1 2 0:1 / /x rw -  tmpfs rw\n").mounts().get(0).fileSystemType())
                .isEmpty();
    }

    @Test
    void rootIsTheOneThatNothingHereIsUnderAndNotWhatIsMountedOverIt() {
        MountTable table =
                table("2 1 0:5 / / ro - overlay b rw\n1 0 8:1 / / rw - ext4 a rw\n3 2 0:6 / /x rw - tmpfs c rw\n");
        assertThat(table.at("/").orElseThrow().source()).isEqualTo("a");
        assertThat(table.covering("/x/y").orElseThrow().source()).isEqualTo("a");
        assertThat(table.roots()).extracting(Mount::source).containsExactly("b", "a");
    }

    /** Lines come in the order in which mounts were made, which need not be that in which they were put one on another. */
    @Test
    void mountThatIsOnAnotherCountsAndNotTheLastOne() {
        MountTable table = table("""
                1 0 8:1 / / rw - ext4 a rw
                5 7 0:5 / /x rw - tmpfs top rw
                7 1 0:6 / /x rw - tmpfs low rw
                8 7 0:7 / /x/y rw - tmpfs hidden rw
                """);
        assertThat(table.at("/x").orElseThrow().source()).isEqualTo("top");
        assertThat(table.covering("/x/y/z").orElseThrow().source()).isEqualTo("top");
        assertThat(table.at("/x/y")).isEmpty();
    }

    @Test
    void mountOverADirectoryAboveHidesWhatIsMountedBelow() {
        MountTable table = table(
                "1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /a/b rw - tmpfs hidden rw\n3 1 0:6 / /a rw - tmpfs over rw\n");
        assertThat(table.covering("/a/b/c").orElseThrow().source()).isEqualTo("over");
    }

    @Test
    void tableThatCannotBeHasAnEnd() {
        MountTable table =
                table("1 2 8:1 / /x rw - ext4 a rw\n2 1 0:5 / /x rw - overlay b rw\n3 3 0:5 / / rw - overlay c rw\n");
        assertThat(table.covering("/x/y").orElseThrow().source()).isEqualTo("c");
    }

    @Test
    void twentyThousandLinesAreAllRead() {
        String text = IntStream.range(0, 20_000)
                .mapToObj(i -> i + " 30000 0:" + i + " / /mnt/" + i + " rw,relatime shared:" + i
                        + " - tmpfs tmpfs rw,size=" + i)
                .collect(Collectors.joining("\n", "", "\n"));
        MountTable table = table(text);
        assertThat(table.mounts()).hasSize(20_000);
        assertThat(table.covering("/mnt/19999/file").orElseThrow().id()).isEqualTo(19_999);
    }

    @Test
    void oneMalformedLineMakesTheTableUnreadable() {
        assertThat(MountInfoFile.parse(Parsed.content("1 0 8:1 / / rw - ext4 a rw\n2 1 0:5 / /x rw - overlay b\n")))
                .isEqualTo(Parsed.unreadable("line 2 is not in the form of proc(5)"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n",
                "1 2\n",
                "x 2 0:1 / / rw - t s rw\n",
                "1 2 0:1 / / rw\n",
                "1 2 0:1 / / rw shared:1 t s rw\n",
                "1 2 0:1 / / rw - t s rw"
            })
    void whatIsNoMountLineIsUnreadable(String text) {
        assertThat(MountInfoFile.parse(Parsed.content(text)))
                .isEqualTo(Parsed.unreadable("line 1 is not in the form of proc(5)"));
    }
}
