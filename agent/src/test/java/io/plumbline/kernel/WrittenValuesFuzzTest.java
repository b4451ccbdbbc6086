package io.plumbline.kernel;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Fuzz;
import io.plumbline.Noise;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.CommandLine;
import io.plumbline.model.Credentials;
import io.plumbline.model.IdMap;
import io.plumbline.model.Ids;
import io.plumbline.model.Mount;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Files as the kernel writes them, with any values and with what a workload may choose in them: read is what was written. */
@Tag("fuzz")
class WrittenValuesFuzzTest {

    private static final long UINT_MAX = 0xffffffffL;
    private static final int ROUNDS = 3000;

    /** {@code prctl(PR_SET_NAME)} takes any bytes but NUL, and {@code stat} shows them as they are. */
    @Test
    void nameChangesNothingOfStat() {
        Fuzz.of("written stat").rounds(ROUNDS, noise -> {
            String comm = name(noise);
            char state = noise.one('R', 'S', 'D', 'Z', 'T', 't', 'X', 'I', 'P');
            int parent = (int) noise.upTo(Integer.MAX_VALUE);
            long flags = noise.upTo(UINT_MAX);
            int threads = (int) noise.upTo(Integer.MAX_VALUE);
            long start = noise.upTo(Long.MAX_VALUE);
            String text = "7 (" + comm + ") " + state + " " + parent + " 1 1 0 -1 " + flags
                    + " 98 0 0 0 0 0 0 0 -20 -19 " + threads + " 0 " + start + " 2551808 61 18446744073709551615 1\n";

            StatFile read = Parsed.value(StatFile.parse(bytes(text)));

            assertThat(read)
                    .isEqualTo(new StatFile(
                            new String(comm.getBytes(ISO_8859_1), UTF_8), state, parent, flags, threads, start));
        });
    }

    /** In {@code status} the kernel escapes the newline of a name, so no name can add a line. */
    @Test
    void nameChangesNothingOfStatus() {
        Fuzz.of("written status").rounds(ROUNDS, noise -> {
            Ids uids = ids(noise);
            Ids gids = ids(noise);
            List<Long> groups = new ArrayList<>();
            for (int left = noise.below(noise.once(20) ? 2000 : 5); left > 0; left--) {
                groups.add(noise.upTo(UINT_MAX));
            }
            List<CapabilitySet> sets = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                sets.add(new CapabilitySet(noise.once(3) ? -1 : noise.upTo(Long.MAX_VALUE)));
            }
            Optional<Boolean> noNewPrivileges = noise.once(5) ? Optional.empty() : Optional.of(noise.once(2));
            Optional<Integer> seccomp = noise.once(5) ? Optional.empty() : Optional.of(noise.below(3));
            String text = "Name:\t" + name(noise).replace("\\", "\\\\").replace("\n", "\\n") + "\nUmask:\t0022\n"
                    + "State:\tS (sleeping)\nTgid:\t7\nPPid:\t1\n"
                    + "Uid:\t" + written(uids) + "\nGid:\t" + written(gids) + "\nFDSize:\t64\nGroups:\t"
                    + groups.stream().map(group -> group + " ").collect(Collectors.joining())
                    + "\nNStgid:\t7\t1\nNSpid:\t7\t1\nVmPeak:\t    4404 kB\nThreads:\t1\nSigQ:\t0/94\n"
                    + "CapInh:\t" + hex(sets.get(0)) + "\nCapPrm:\t" + hex(sets.get(1)) + "\nCapEff:\t"
                    + hex(sets.get(2)) + "\nCapBnd:\t" + hex(sets.get(3)) + "\nCapAmb:\t" + hex(sets.get(4)) + "\n"
                    + noNewPrivileges
                            .map(on -> "NoNewPrivs:\t" + (on ? 1 : 0) + "\n")
                            .orElse("")
                    + seccomp.map(mode -> "Seccomp:\t" + mode + "\n").orElse("")
                    + "Cpus_allowed:\t3\n";

            StatusFile read = StatusFile.parse(bytes(text));

            assertThat(Parsed.value(read.credentials()))
                    .isEqualTo(new Credentials(
                            uids,
                            gids,
                            groups,
                            sets.get(0),
                            sets.get(1),
                            sets.get(2),
                            sets.get(3),
                            sets.get(4),
                            noNewPrivileges,
                            seccomp,
                            Optional.empty()));
            assertThat(Parsed.value(read.nsPids())).containsExactly(7, 1);
        });
    }

    /** A half file must never look like a whole one with other values. */
    @Test
    void cutStatusIsUnreadableOrTheSame() {
        String whole = ProcFixture.model("status");
        Credentials all = Parsed.value(StatusFile.parse(bytes(whole)).credentials());
        Fuzz.of("cut status").rounds(ROUNDS, noise -> {
            Reading<Credentials> read = StatusFile.parse(bytes(whole.substring(0, noise.below(whole.length()))))
                    .credentials();
            read.observed().ifPresent(credentials -> {
                assertThat(credentials.uids()).isEqualTo(all.uids());
                assertThat(credentials.groups()).isEqualTo(all.groups());
                assertThat(credentials.bounding()).isEqualTo(all.bounding());
                assertThat(credentials.ambient()).isEqualTo(all.ambient());
            });
        });
    }

    /** A workload may make cgroups below its own with any name that has neither slash nor newline. */
    @Test
    void cgroupPathsAreReadAsWritten() {
        Fuzz.of("written cgroup").rounds(ROUNDS, noise -> {
            List<CgroupMembership.Line> lines = new ArrayList<>();
            for (int left = noise.below(12); left >= 0; left--) {
                String path = "/" + noise.text().replace("\n", "n").replace('\ud800', '?');
                lines.add(
                        left == 0
                                ? new CgroupMembership.Line(0, List.of(), path)
                                : new CgroupMembership.Line(
                                        (int) noise.upTo(Integer.MAX_VALUE),
                                        List.of(noise.one("cpu", "pids", "name=systemd"), "cpuacct"),
                                        path));
            }
            String text = lines.stream()
                    .map(line ->
                            line.hierarchy() + ":" + String.join(",", line.controllers()) + ":" + line.path() + "\n")
                    .collect(Collectors.joining());

            assertThat(Parsed.value(CgroupFile.parse(Parsed.content(text))).lines())
                    .isEqualTo(lines);
        });
    }

    /** mount(2) takes any path, and the kernel writes blanks, newlines, backslashes and {@code #} of it in octal. */
    @Test
    void mountsAreReadAsWritten() {
        Fuzz.of("written mountinfo").rounds(ROUNDS, noise -> {
            List<List<String>> written = new ArrayList<>();
            StringBuilder text = new StringBuilder();
            for (int left = noise.below(6); left >= 0; left--) {
                String root = "/" + noise.text().replace('\ud800', '?').replace("\0", "");
                String point = "/" + noise.text().replace('\ud800', '?').replace("\0", "");
                String source = noise.text().replace('\ud800', '?').replace("\0", "");
                String options = noise.one("rw", "ro", "rw,nosuid");
                written.add(List.of(root, point, source, options));
                text.append(noise.below(5000) + " 25 0:4 " + escaped(root) + " " + escaped(point) + " " + options
                        + noise.one("", " shared:1", " shared:1 master:2 unbindable") + " - overlay "
                        + escaped(source) + " rw,upperdir=/x\n");
            }

            List<Mount> mounts = Parsed.value(MountInfoFile.parse(Parsed.content(text.toString())))
                    .mounts();

            assertThat(mounts)
                    .extracting(mount -> List.of(
                            mount.root(), mount.mountPoint(), mount.source(), String.join(",", mount.options())))
                    .isEqualTo(written);
        });
    }

    @Test
    void idMapsAreReadAsWritten() {
        Fuzz.of("written uid_map").rounds(ROUNDS, noise -> {
            List<IdMap.Range> ranges = new ArrayList<>();
            for (int left = noise.below(8); left > 0; left--) {
                ranges.add(new IdMap.Range(noise.upTo(UINT_MAX), noise.upTo(UINT_MAX), noise.upTo(UINT_MAX)));
            }
            String text = ranges.stream()
                    .map(range -> String.format("%10d %10d %10d\n", range.inside(), range.outside(), range.count()))
                    .collect(Collectors.joining());

            IdMap map = Parsed.value(IdMapFile.parse(Parsed.content(text)));

            assertThat(map.ranges()).isEqualTo(ranges);
            map.outside(noise.upTo(UINT_MAX)).ifPresent(id -> assertThat(id).isNotNegative());
        });
    }

    /** A process may write anything over its arguments; they are bounded, whatever there is. */
    @Test
    void argumentsAreReadAsWrittenUpToTheLimit() {
        Fuzz.of("written cmdline").rounds(ROUNDS, noise -> {
            byte[] bytes = noise.once(10) ? new byte[noise.below(100_000)] : noise.bytes(6000);
            CommandLine read = CmdlineFile.parse(Parsed.content(bytes));

            assertThat(read.cut()).isEqualTo(bytes.length > CmdlineFile.LIMIT);
            String shown = new String(bytes, 0, Math.min(bytes.length, CmdlineFile.LIMIT), UTF_8);
            String joined = String.join("\0", read.arguments());
            assertThat(shown).isIn(joined, joined + "\0");
        });
    }

    private static Content bytes(String text) {
        return Parsed.content(text.getBytes(ISO_8859_1));
    }

    /** TASK_COMM_LEN bytes, one of which is the NUL. */
    private static String name(Noise noise) {
        String any = noise.once(2) ? new String(noise.bytes(16), ISO_8859_1) : noise.text();
        String bytes = new String(any.getBytes(UTF_8), ISO_8859_1).replace("\0", "");
        return bytes.substring(0, Math.min(15, bytes.length()));
    }

    private static Ids ids(Noise noise) {
        return new Ids(noise.upTo(UINT_MAX), noise.upTo(UINT_MAX), noise.upTo(UINT_MAX), noise.upTo(UINT_MAX));
    }

    private static String written(Ids ids) {
        return ids.stream().mapToObj(Long::toString).collect(Collectors.joining("\t"));
    }

    private static String hex(CapabilitySet set) {
        return String.format("%016x", set.bits());
    }

    /** {@code mangle()} of fs/proc_namespace.c. */
    private static String escaped(String path) {
        return path.replace("\\", "\\134")
                .replace(" ", "\\040")
                .replace("\t", "\\011")
                .replace("\n", "\\012")
                .replace("#", "\\043");
    }
}
