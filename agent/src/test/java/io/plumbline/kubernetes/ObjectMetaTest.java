package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.DeclaredPod;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which cgroups and which workload a pod belongs to. */
class ObjectMetaTest {

    private static final String HASH = "42f21b81fd373ee4e724a115567b4cbc";

    @Test
    void staticPodOfTheKubeletHasItsHashAsUid() throws Exception {
        DeclaredPod pod = one(
                pod(HASH, "\"kubernetes.io/config.hash\":\"" + HASH + "\",\"kubernetes.io/config.source\":\"file\""));
        assertThat(pod.cgroupUids()).containsExactly(HASH);
        assertThat(pod.annotations()).containsEntry("kubernetes.io/config.source", "file");
    }

    @Test
    void mirrorPodOfTheApiServerIsFoundByItsHashToo() throws Exception {
        DeclaredPod pod = one(pod(
                "11111111-2222-3333-4444-555555555555",
                "\"kubernetes.io/config.hash\":\"" + HASH + "\",\"kubernetes.io/config.mirror\":\"" + HASH
                        + "\",\"kubernetes.io/config.source\":\"file\""));
        assertThat(pod.cgroupUids()).containsExactly("11111111-2222-3333-4444-555555555555", HASH);
    }

    @Test
    void annotationOnAPodOfTheApiServerClaimsNothing() throws Exception {
        assertThat(one(pod(
                                "u",
                                "\"kubernetes.io/config.hash\":\"" + HASH
                                        + "\",\"kubernetes.io/config.source\":\"api\""))
                        .cgroupUids())
                .containsExactly("u");
        assertThat(one(pod("u", "\"kubernetes.io/config.mirror\":\"" + HASH + "\""))
                        .cgroupUids())
                .containsExactly("u");
    }

    @Test
    void onlyAManifestsHashIsClaimed() throws Exception {
        for (String other : List.of(
                "11111111-2222-3333-4444-555555555555", "", HASH + "0", HASH.toUpperCase(java.util.Locale.ROOT))) {
            assertThat(one(pod(
                                    "u",
                                    "\"kubernetes.io/config.mirror\":\"" + other
                                            + "\",\"kubernetes.io/config.source\":\"file\""))
                            .cgroupUids())
                    .containsExactly("u");
        }
    }

    @Test
    void cgroupThatIsClaimedTwiceIsItsOwnersOrNobodys() throws Exception {
        String claim = "\"kubernetes.io/config.mirror\":\"" + HASH + "\",\"kubernetes.io/config.source\":\"file\"";
        List<DeclaredPod> withOwner = PodListReaderTest.read("{\"kind\":\"PodList\",\"items\":[" + pod("forger", claim)
                        + "," + pod(HASH, "\"kubernetes.io/config.source\":\"file\"") + "]}")
                .pods();
        assertThat(withOwner).extracting(DeclaredPod::cgroupUids).containsExactly(List.of(HASH), List.of("forger"));

        List<DeclaredPod> without = PodListReaderTest.read("{\"kind\":\"PodList\",\"items\":[" + pod("a", claim) + ","
                        + pod("b", claim) + "," + pod("c", "") + "]}")
                .pods();
        assertThat(without)
                .extracting(DeclaredPod::cgroupUids)
                .containsExactly(List.of("a"), List.of("b"), List.of("c"));
    }

    @ParameterizedTest
    @CsvSource({
        // a ReplicaSet's hash goes, if it is one
        "ReplicaSet, web-6cf7f7f44f, 6cf7f7f44f, web",
        "ReplicaSet, web-6cf7f7f44f, '', web-6cf7f7f44f",
        "ReplicaSet, web-canary, 6cf7f7f44f, web-canary",
        "ReplicaSet, -6cf7f7f44f, 6cf7f7f44f, -6cf7f7f44f",
        // a CronJob's minute or second goes; a date or a number of someone's own stays
        "Job, backup-29388420, '', backup",
        "Job, backup-1606745400, '', backup",
        "Job, import-20261120, '', import-20261120",
        "Job, import-7, '', import-7",
        "Job, migrate, '', migrate",
        "Job, 29388420, '', 29388420",
        "DaemonSet, node-thing, 6cf7f7f44f, node-thing",
        "StatefulSet, db, '', db",
        "Node, node7, '', web",
        "Rollout, web-6cf7f7f44f, 6cf7f7f44f, web-6cf7f7f44f",
    })
    void workloadIsTheControllerWithoutWhatChanges(String kind, String owner, String hash, String workload)
            throws Exception {
        assertThat(
                        one("{\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"n\",\"name\":\"web-node7\",\"uid\":\"u\",\"labels\":"
                                        + "{\"pod-template-hash\":\"" + hash
                                        + "\"},\"ownerReferences\":[{\"kind\":\"Other\",\"name\":\"no\"},"
                                        + "{\"kind\":\"" + kind + "\",\"name\":\"" + owner
                                        + "\",\"controller\":true}]},"
                                        + "\"spec\":{\"nodeName\":\"node7\"}}")
                                .workload())
                .isEqualTo(workload);
    }

    @Test
    void podWithoutControllerIsItsOwnWorkload() throws Exception {
        assertThat(one(pod("u", "").replace("}}", "},\"spec\":{\"nodeName\":\"node7\"}}"))
                        .workload())
                .isEqualTo("web-node7");
    }

    @Test
    void staticPodIsTheSameWorkloadOnEveryNode() throws Exception {
        String pod = pod(HASH, "\"kubernetes.io/config.source\":\"file\"");
        assertThat(one(pod.substring(0, pod.length() - 1) + ",\"spec\":{\"nodeName\":\"node7\"}}")
                        .workload())
                .isEqualTo("web");
    }

    private static String pod(String uid, String annotations) {
        return "{\"kind\":\"Pod\",\"metadata\":{\"namespace\":\"n\",\"name\":\"web-node7\",\"uid\":\"" + uid
                + "\",\"annotations\":{" + annotations + "}}}";
    }

    private static DeclaredPod one(String json) throws KubeletException {
        return PodListReaderTest.read(json).pods().get(0);
    }
}
