package io.plumbline.scan;

import static io.plumbline.scan.RightContainer.WITH_SYS_TIME;
import static io.plumbline.scan.RightContainer.drift;
import static io.plumbline.scan.RightContainer.main;
import static io.plumbline.scan.RightContainer.pod;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Mounts;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * How the users, groups and capabilities of a right container look wrong, each trap under its number, and beside each the neighbour
 * that is wrong indeed: who avoids the trap by not looking fails the second half.
 */
class RightsTrapsTest {
    @Test
    void trap01NonRootHasEmptySetsAndAFullBoundingSet() {
        Processes dropped = main().uid(405).permitted(CapabilitySet.NONE);

        assertThat(drift(pod("{runAsUser: 405}").with(dropped))).isEmpty();
        assertThat(pod("{runAsUser: 405}")
                        .with(dropped.bounding(WITH_SYS_TIME))
                        .finding("capabilities")
                        .message())
                .contains("SYS_TIME");
        assertThat(pod("{runAsUser: 405}")
                        .with(main().uid(405)
                                .permitted(CapabilitySet.NONE)
                                .ambient(CapabilitySet.of(Capability.NET_ADMIN)))
                        .finding("capabilities")
                        .message())
                .contains("NET_ADMIN");
    }

    @Test
    void trap02ProcessThatMadeAUserNamespaceHasAllCapabilitiesInItOnly() {
        Processes browser = Processes.of(101, "web", "main")
                .besides(main())
                .uid(1000)
                .capabilities(Processes.ALL_CAPABILITIES)
                .userNamespace(1000, 1);

        Nodes node = pod("{}").with(main(), browser);

        assertThat(drift(node)).containsExactly(Map.entry("nested-user-namespace", Severity.INFO));
        Processes inTheHosts =
                Processes.of(101, "web", "main").besides(main()).capabilities(Processes.ALL_CAPABILITIES);
        assertThat(pod("{}").with(main(), inTheHosts).finding("capabilities").severity())
                .isEqualTo(Severity.CRITICAL);
    }

    @Test
    void trap03IdsOfAUserNamespaceAreTranslated() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  hostUsers: false
                  securityContext: {fsGroup: 2000, supplementalGroups: [3000]}
                  containers: [{name: main, securityContext: {runAsUser: 1000, runAsNonRoot: true}}]
                """);
        Processes mapped = main().userNamespace(200_000, 65_536)
                .uid(201_000)
                .gid(201_000)
                .groups(202_000, 203_000)
                .permitted(CapabilitySet.NONE);
        Processes rootInside = Processes.of(101, "web", "main")
                .joins(mapped, NamespaceType.values())
                .idMaps(Reading.of(
                        new io.plumbline.model.IdMap(List.of(new io.plumbline.model.IdMap.Range(0, 200_000, 65_536)))))
                .uid(200_000);

        assertThat(drift(node.with(mapped, rootInside))).isEmpty();

        Nodes hosts = Nodes.node().pods("""
                metadata: {name: web}
                spec: {hostUsers: false, containers: [{name: main, securityContext: {runAsNonRoot: true}}]}
                """).with(main().uid(0));
        assertThat(drift(hosts)).containsOnlyKeys("host-users", "root-user");
    }

    @Test
    void trap10RootThatStartsWorkersWhichDropIsStricterThanDeclared() {
        Processes worker = Processes.of(101, "web", "main")
                .besides(main())
                .parent(100)
                .uid(33)
                .gid(33)
                .capabilities(CapabilitySet.NONE);

        assertThat(drift(pod("{}").with(main(), worker))).isEmpty();
        assertThat(drift(pod("{runAsUser: 0}").with(main().uid(33).permitted(CapabilitySet.NONE))))
                .isEmpty();
        assertThat(drift(pod("{runAsUser: 33}").with(main()))).containsOnlyKeys("user");
    }

    @Test
    void trap17FsGroupIsTheProcessesGroupWhateverItsVolumesDoWithIt() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                spec:
                  securityContext: {fsGroup: 555, fsGroupChangePolicy: OnRootMismatch}
                  containers: [{name: main, volumeMounts: [{name: share, mountPath: /share}]}]
                  volumes: [{name: share, nfs: {server: files, path: /exports}}]
                """);
        Processes process = main().groups(555)
                .mounts(Mounts.ofContainer()
                        .with("520 391 0:90 / /share rw,relatime - nfs4 files:/exports rw,vers=4.2"));

        assertThat(drift(node.with(process))).isEmpty();
        assertThat(drift(Nodes.node()
                        .pods(
                                "metadata: {name: web}\nspec: {securityContext: {fsGroup: 555}, containers: [{name: main}]}")
                        .with(main())))
                .containsOnlyKeys("groups");
    }

    @Test
    void trap18GroupsOfTheImageAreInformationUnlessThePolicyIsStrict() {
        String pod = """
                metadata: {name: web}
                spec:
                  securityContext: {runAsUser: 1000, runAsGroup: 1000, supplementalGroups: [3000]%s}
                  containers: [{name: main}]
                """;
        Processes process =
                main().uid(1000).gid(1000).groups(1000, 3000, 50_000).permitted(CapabilitySet.NONE);

        Finding merged = Nodes.node().pods(pod.formatted("")).with(process).finding("groups");
        assertThat(merged.severity()).isEqualTo(Severity.INFO);
        assertThat(merged.cause()).isEqualTo(Cause.FROM_IMAGE);
        Finding strict = Nodes.node()
                .pods(pod.formatted(", supplementalGroupsPolicy: Strict"))
                .with(process)
                .finding("groups");
        assertThat(strict.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(drift(Nodes.node().pods(pod.formatted("")).with(process.groups(1000, 3000))))
                .isEmpty();
    }

    @Test
    void trap22EachThreadHasItsOwnRights() {
        Processes like = Processes.process(1).capabilities(WITH_SYS_TIME);

        assertThat(drift(pod("{}").with(main().thread(105, main())))).isEmpty();
        Finding finding = pod("{}").with(main().thread(105, like)).finding("capabilities");
        assertThat(finding.evidence().get(0).source()).isEqualTo("/proc/100/task/105/status");
        assertThat(pod("{allowPrivilegeEscalation: false}")
                        .with(main().noNewPrivileges().thread(106, main()))
                        .finding("no-new-privileges")
                        .evidence()
                        .get(0)
                        .source())
                .isEqualTo("/proc/100/task/106/status");
    }
}
