package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Finding;
import io.plumbline.model.OciBundle.BundleMount;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A workload that may mount, if only in a user namespace of its own, can make a hundred thousand mounts ({@code fs.mount-max}). Whoever
 * compares each with each keeps the agent busy for minutes; the limits here are far above what it takes.
 */
class ManyMountsTest {

    private static final int MANY = 60_000;
    private static final int MANY_DEEP = 10_000;
    private static final int DEPTH = 2000;
    private static final int FIRST_ID = 1000;

    @Test
    @Timeout(60)
    void filesOfTheHostAreFound() {
        assertThat(drift(at -> "254:0 /x /m/" + at + " rw - ext4 /dev/vda rw")).contains("undeclared-mount");
    }

    /** Each of them thousands of directories below what the host has mounted. */
    @Test
    @Timeout(60)
    void filesOfTheHostDeepBelowAreFound() {
        String deep = "/x".repeat(DEPTH);
        assertThat(drift(at -> at == 0
                        ? "254:0 /vol /data rw - ext4 /dev/vda rw"
                        : at >= MANY_DEEP
                                ? "0:60 / /t/" + at + " rw - tmpfs tmpfs rw"
                                : "254:0 /vol" + deep + " /m" + deep + "/" + at + " rw - ext4 /dev/vda rw"))
                .isEmpty();
        assertThat(drift(at -> at >= MANY_DEEP
                        ? "0:60 / /t/" + at + " rw - tmpfs tmpfs rw"
                        : "254:0 " + deep + " /m" + deep + "/" + at + " rw - ext4 /dev/vda rw"))
                .contains("undeclared-mount");
    }

    @Test
    @Timeout(60)
    void partsOfProcDeepBesideFilesOfTheHostAreFound() {
        String deep = "/x".repeat(DEPTH);
        assertThat(drift(at -> at >= MANY_DEEP
                        ? "254:0 /x /m/" + at + " rw - ext4 /dev/vda rw"
                        : "0:50 / /p" + deep + "/" + at + " rw - proc proc rw"))
                .contains("proc-mask", "undeclared-mount");
    }

    /** Each over another. */
    @Test
    @Timeout(60)
    void filesOfTheHostThatAreMountedOverAVolumeAreFound() {
        assertThat(drift(at -> "254:0 /x" + at + " /data rw - ext4 /dev/vda rw"))
                .contains("undeclared-mount");
    }

    /** Half of them are parts of the volume, at its place; the others show the same, elsewhere. */
    @Test
    @Timeout(60)
    void partsOfAVolumeAreNoDrift() {
        assertThat(drift(at -> "254:0 /vol/" + at / 2 + " " + (at % 2 == 0 ? "/data/" : "/again/") + at
                        + " rw - ext4 /dev/vda rw"))
                .isEmpty();
    }

    @Test
    @Timeout(60)
    void partsOfProcBesideFilesOfTheHostAreFound() {
        assertThat(drift(at -> at % 2 == 0
                        ? "0:50 / /p/" + at + " rw - proc proc rw"
                        : "254:0 /x /m/" + at + " rw - ext4 /dev/vda rw"))
                .contains("proc-mask", "undeclared-mount");
    }

    /** The first process has as many parts of a volume: the files of none of them are shown. */
    @Test
    @Timeout(60)
    void filesOfTheHostInANamespaceBesideAreFound() {
        assertThat(checks(Nodes.node()
                        .with(
                                main(at -> "254:0 /vol/" + at + " /data/" + at + " rw - ext4 /dev/vda rw"),
                                Processes.of(101, "web", "main")
                                        .parent(100)
                                        .mounts(container(at -> "254:0 /x/" + at + " /m rw - ext4 /dev/vda rw")))))
                .contains("undeclared-mount");
    }

    /** Who may share mounts with the host fills its table too. */
    @Test
    @Timeout(60)
    void filesOfANodeWithAsManyMountsAreFound() {
        assertThat(checks(Nodes.node()
                        .hostMounts(Reading.of(
                                many(Mounts.of(), at -> "254:0 /h/" + at + " /h" + at + " rw - ext4 /dev/vda rw")
                                        .table()))
                        .with(main(at -> "254:0 /h/" + at + "/x /m rw - ext4 /dev/vda rw"))))
                .contains("undeclared-mount");
    }

    private static List<String> drift(IntFunction<String> rest) {
        return checks(Nodes.node().with(main(rest)));
    }

    private static Processes main(IntFunction<String> rest) {
        return Processes.of(100, "web", "main").mounts(container(rest));
    }

    private static Mounts container(IntFunction<String> rest) {
        return many(Mounts.ofContainer(), rest);
    }

    /** @param rest what stands behind id and parent, which is the mount before */
    private static Mounts many(Mounts table, IntFunction<String> rest) {
        return table.with(IntStream.range(0, MANY)
                .mapToObj(at -> (FIRST_ID + at) + " " + (at == 0 ? 391 : FIRST_ID + at - 1) + " " + rest.apply(at))
                .toArray(String[]::new));
    }

    private static List<String> checks(Nodes node) {
        return node
                .pods("""
                        metadata: {name: web}
                        spec:
                          containers: [{name: main, volumeMounts: [{name: data, mountPath: /data}]}]
                          volumes: [{name: data, hostPath: {path: /srv}}]
                        """)
                .bundles(Bundles.of("web", "main")
                        .mounts(new BundleMount("/data", "bind", "/vol", List.of("rbind")))
                        .bundle())
                .drift()
                .stream()
                .map(Finding::check)
                .toList();
    }
}
