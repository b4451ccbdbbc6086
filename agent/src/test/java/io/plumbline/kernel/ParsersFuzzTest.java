package io.plumbline.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.Fuzz;
import io.plumbline.Noise;
import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** Whatever the bytes are, a parser of the kernel's files answers, soon, and does not throw. */
@Tag("fuzz")
class ParsersFuzzTest {

    private static final List<String> WORDS = List.of(
            " ",
            "\t",
            "\n",
            ":",
            "(",
            ")",
            "[",
            "]",
            "-",
            "/",
            "\\",
            ",",
            "=",
            "0",
            "9",
            "af",
            "\0",
            " - ",
            "0::",
            "Uid:\t",
            "Gid:\t",
            "Groups:\t",
            "CapBnd:\t",
            "CapEff:\tffffffffffffffff\n",
            "NSpid:\t",
            "Seccomp:\t",
            "NoNewPrivs:\t2\n",
            "Threads:\t",
            "State:\t",
            "mnt:[",
            "socket:[",
            " (enforce)",
            "//&",
            "\\040",
            "\\777",
            "ro,",
            "btime ",
            "name=systemd");

    /** A parser, and a real file to spoil. */
    private record Target(Function<Content, Object> parser, ByteBuffer real) {
        Target(Function<Content, Object> parser, byte[] real) {
            this(parser, ByteBuffer.wrap(real));
        }
    }

    @TestFactory
    Stream<DynamicTest> noBytesMakeAParserThrow() throws IOException {
        return targets().entrySet().stream()
                .map(target -> DynamicTest.dynamicTest(target.getKey(), () -> {
                    Target parsed = target.getValue();
                    Fuzz.of(target.getKey()).rounds(3000, noise -> parse(parsed, input(parsed, noise)));
                    parse(parsed, parsed.real().array());
                }));
    }

    private static byte[] input(Target target, Noise noise) {
        return noise.once(6) ? noise.bytes(300) : noise.spoiled(target.real().array(), WORDS);
    }

    /** The three outcomes, and trouble that names the file and nothing of what stands in it. */
    private static void parse(Target target, byte[] bytes) {
        Object answer = target.parser().apply(Parsed.content(bytes));
        assertThat(answer).isNotNull();
        if (answer instanceof Reading.Unreadable<?> trouble) {
            assertThat(trouble.source()).isEqualTo(Parsed.SOURCE);
            assertThat(trouble.why()).isNotEmpty().hasSizeLessThan(100).doesNotContainPattern("\\p{Cntrl}");
        } else if (answer instanceof Reading.Observed<?> observed) {
            assertThat(observed.value()).isNotNull();
        }
    }

    private static Map<String, Target> targets() throws IOException {
        Path one = CapturedNode.kubernetes().resolve("proc/7280");
        Map<String, Target> targets = new TreeMap<>();
        targets.put("stat", new Target(StatFile::parse, Files.readAllBytes(one.resolve("stat"))));
        targets.put(
                "status",
                new Target(file -> StatusFile.parse(file).credentials(), Files.readAllBytes(one.resolve("status"))));
        targets.put("cgroup", new Target(CgroupFile::parse, Files.readAllBytes(one.resolve("cgroup"))));
        targets.put("cgroup v2", new Target(CgroupFile::parse, text("0::/kubepods.slice/x.scope\n")));
        targets.put("mountinfo", new Target(MountInfoFile::parse, Files.readAllBytes(one.resolve("mountinfo"))));
        targets.put("uid_map", new Target(IdMapFile::parse, Files.readAllBytes(one.resolve("uid_map"))));
        targets.put("cmdline", new Target(CmdlineFile::parse, Files.readAllBytes(one.resolve("cmdline"))));
        targets.put(
                "ns/mnt", new Target(link -> NamespaceLinks.parse(NamespaceType.MNT, link), text("mnt:[4026532403]")));
        targets.put(
                "attr/current",
                new Target(
                        file -> AttrCurrent.parse(file).map(AppArmorLabel::parse),
                        text("fixture-outer//&k8s-apparmor-example-deny-write (enforce)\n")));
        targets.put("fd", new Target(FdLinks::socket, text("socket:[4026]")));
        targets.put(
                "net/tcp6",
                new Target(
                        file -> NetSocketsFile.parse(NetSocketsFile.Table.TCP6, file),
                        text("head\n 0: 00000000000000000000000001000000:1F90 00000000000000000000000000000000:0000 0A"
                                + " 00000000:00000000 00:00000000 00000000  0  0 9 1 0 100 0 0 10 0\n")));
        targets.put(
                "net/udp",
                new Target(
                        file -> NetSocketsFile.parse(NetSocketsFile.Table.UDP, file),
                        text("head\n 353: 00000000:0044 00000000:0000 07 00000000:00000000 00:00000000 00000000"
                                + " 0 0 1 2 0 0\n")));
        targets.put(
                "/proc/stat",
                new Target(
                        ProcStatFile::bootTime,
                        Files.readAllBytes(CapturedNode.kubernetes().resolve("proc/stat"))));
        targets.put("uptime", new Target(UptimeFile::parse, text("2016.05 2693.55\n")));
        targets.put("cap_last_cap", new Target(CapLastCap::parse, text("40\n")));
        targets.put("ip_local_port_range", new Target(IpLocalPortRange::parse, text("32768\t60999\n")));
        targets.put("apparmor/profiles", new Target(AppArmorFs::parse, text("a b (x) (enforce)\nc//d (complain)\n")));
        return targets;
    }

    private static byte[] text(String text) {
        return text.getBytes(UTF_8);
    }
}
