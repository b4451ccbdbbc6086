package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.model.CgroupMembership;
import io.plumbline.model.CgroupMembership.Line;
import io.plumbline.model.Reading;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CgroupFileTest {

    private static List<Line> captured(String name) {
        return Parsed.value(CgroupFile.parse(
                        Parsed.file(CapturedNode.containers().resolve(name).resolve("cgroup"))))
                .lines();
    }

    @Test
    void unifiedHierarchyHasNoControllers() {
        assertThat(captured("host-init")).containsExactly(new Line(0, List.of(), "/"));
    }

    @Test
    void pathHoldsColonsUnderContainerdsSystemdNotation() {
        String path = captured("cgroup-colon-form").get(0).path();
        assertThat(path).contains(":cri-containerd:");
    }

    @Test
    void everyHierarchyOfVersionOneIsRead() {
        Content hybrid = Parsed.file(CapturedNode.kubernetes().resolve("proc/7280/cgroup"));
        List<Line> lines = Parsed.value(CgroupFile.parse(hybrid)).lines();
        assertThat(lines).hasSize(10);
        assertThat(lines.get(0).controllers()).containsExactly("name=systemd");
        assertThat(lines).extracting(Line::hierarchy).containsExactly(9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        assertThat(lines.subList(0, 9))
                .extracting(Line::path)
                .allMatch(path -> path.startsWith("/kubepods/besteffort/pod"));
        assertThat(lines.get(9)).isEqualTo(new Line(0, List.of(), "/"));
    }

    @Test
    void twoControllersShareAHierarchy() {
        assertThat(CgroupFile.parse(Parsed.content("4:cpu,cpuacct:/x\n")))
                .isEqualTo(Reading.of(new CgroupMembership(List.of(new Line(4, List.of("cpu", "cpuacct"), "/x")))));
    }

    @Test
    void pathSeenFromInsideACgroupNamespaceKeepsItsDots() {
        Content seen = Parsed.file(CapturedNode.containers().resolve("view-from-private-cgroupns/host-init-cgroup"));
        assertThat(Parsed.value(CgroupFile.parse(seen)).lines().get(0).path()).startsWith("/..");
    }

    @Test
    void textsOfOneContainerAreParsedOnce() {
        CgroupFile.Known known = new CgroupFile.Known();
        assertThat(known.parse(Parsed.content("0::/a\n"))).isSameAs(known.parse(Parsed.content("0::/a\n")));
        assertThat(known.parse(Content.of("/proc/1/cgroup", "x")))
                .isNotEqualTo(known.parse(Content.of("/proc/2/cgroup", "x")));
    }

    /** A workload makes cgroups of its own, each with a path as long as the kernel takes, and moves a process from one to the next. */
    @Test
    void longPathsThatAreKeptAreForgottenInTime() {
        CgroupFile.Known known = new CgroupFile.Known();
        String path = "/" + "a".repeat(4000);
        for (int i = 0; i < 2000; i++) {
            known.parse(Parsed.content("0::" + path + i + "\n"));
        }
        assertThat(known.size()).isPositive().isLessThanOrEqualTo(CgroupFile.Known.LIMIT / 4000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0:", "0::", "x::/\n", "0::relative\n", "0::/cut", "0:cpu\n", "\n"})
    void whatIsNoCgroupLineIsUnreadable(String text) {
        assertThat(CgroupFile.parse(Parsed.content(text))).isEqualTo(Parsed.notInForm());
    }
}
