package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.NamespaceType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Whatever the bytes are, a parser answers and does not throw. The seed is fixed, so a failure comes again. */
class ParsersFuzzTest {

    private static final long SEED = 20261120;
    private static final int ROUNDS = 4_000;

    /** A parser, and a real file to spoil. */
    private record Target(Function<Content, Object> parser, ByteBuffer real) {
        Target(Function<Content, Object> parser, byte[] real) {
            this(parser, ByteBuffer.wrap(real));
        }
    }

    @TestFactory
    Stream<DynamicTest> noBytesMakeAParserThrow() throws IOException {
        return targets().entrySet().stream()
                .map(target -> DynamicTest.dynamicTest(target.getKey(), () -> fuzz(target.getValue())));
    }

    private static void fuzz(Target target) {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes =
                    round % 4 == 0 ? noise(random) : spoiled(target.real().array(), random);
            try {
                assertThat(target.parser().apply(Parsed.content(bytes))).isNotNull();
            } catch (RuntimeException e) {
                throw new AssertionError("round " + round + ": " + Arrays.toString(bytes), e);
            }
        }
        assertThat(target.parser().apply(Parsed.content(target.real().array()))).isNotNull();
    }

    private static byte[] noise(Random random) {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Changed, cut out, doubled: a few places of a real file. */
    private static byte[] spoiled(byte[] real, Random random) {
        byte[] bytes = real.clone();
        String likely = " \t\n:()[]-/\\,=0189afx\0\u00ff";
        for (int changes = 1 + random.nextInt(4); changes > 0 && bytes.length > 0; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) likely.charAt(random.nextInt(likely.length()));
                case 1 -> bytes = Arrays.copyOf(bytes, at);
                case 2 -> bytes = joined(Arrays.copyOf(bytes, at), Arrays.copyOfRange(bytes, at / 2, bytes.length));
                default ->
                    bytes = joined(
                            Arrays.copyOf(bytes, at),
                            Arrays.copyOfRange(bytes, Math.min(bytes.length, at + random.nextInt(20)), bytes.length));
            }
        }
        return bytes;
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static Map<String, Target> targets() throws IOException {
        Path one = CapturedNode.kubernetes().resolve("proc/7280");
        Map<String, Target> targets = new TreeMap<>();
        targets.put("stat", new Target(StatFile::parse, Files.readAllBytes(one.resolve("stat"))));
        targets.put("status", new Target(StatusFile::parse, Files.readAllBytes(one.resolve("status"))));
        targets.put("cgroup", new Target(CgroupFile::parse, Files.readAllBytes(one.resolve("cgroup"))));
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
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
