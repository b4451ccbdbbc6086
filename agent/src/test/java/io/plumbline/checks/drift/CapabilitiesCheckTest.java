package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.Processes;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.Cause;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a container may hold is the runtime's default set, changed by its stanza; judged by what each task could use. */
class CapabilitiesCheckTest {

    private static final String CHECK = "capabilities";

    /** The order of containerd and CRI-O: ALL first, then named additions, then named drops. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|a80425fb",
                "{capabilities: {}}|a80425fb",
                "{capabilities: {drop: [CHOWN]}}|a80425fa",
                "{capabilities: {drop: [cap_chown]}}|a80425fa",
                "{capabilities: {add: [SYS_TIME]}}|aa0425fb",
                "{capabilities: {add: [sys_time, CAP_NET_ADMIN]}}|aa0435fb",
                "{capabilities: {drop: [ALL]}}|0",
                "{capabilities: {drop: [all], add: [NET_BIND_SERVICE]}}|400",
                "{capabilities: {add: [ALL], drop: [ALL], add: [KILL]}}|20",
                "{capabilities: {add: [KILL], drop: [KILL]}}|a80425db",
                "{capabilities: {add: [ALL]}}|1ffffffffff",
                "{capabilities: {add: [ALL], drop: [SYS_ADMIN]}}|1ffffdfffff",
                "{privileged: true}|1ffffffffff",
                "{privileged: true, capabilities: {drop: [ALL]}}|1ffffffffff"
            })
    void exactlyWhatTheStanzaLeadsToMayBeHeld(String context, String mask) {
        CapabilitySet allowed = new CapabilitySet(Long.parseLong(mask, 16));
        Verdict verdict = pod(context)
                .with(main().capabilities(allowed))
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
        assertThat(verdict.expected()).isEqualTo(allowed.names());
        if (!allowed.equals(Processes.ALL_CAPABILITIES)) {
            CapabilitySet oneMore = Processes.ALL_CAPABILITIES.minus(allowed);
            CapabilitySet first = new CapabilitySet(Long.lowestOneBit(oneMore.bits()));
            Finding finding =
                    pod(context).with(main().capabilities(allowed.union(first))).finding(CHECK);
            assertThat(finding.message()).contains(first.names().get(0));
        }
    }

    /** There they hold over the node; that the pod was to have a namespace of its own takes nothing from that. */
    @Test
    void whatIsHeldInTheHostsUserNamespaceInsteadOfThePodsCounts() {
        Nodes node = Nodes.node().pods("metadata: {name: web}\nspec: {hostUsers: false, containers: [{name: main}]}");
        Processes first = main().userNamespace(200_000, 65_536);
        Processes entered = Processes.of(101, "web", "main")
                .besides(first)
                .host(NamespaceType.USER)
                .capabilities(Processes.ALL_CAPABILITIES);

        assertThat(node.with(first, entered).drift()).extracting(Finding::check).contains(CHECK, "host-users");
        assertThat(node.with(first, entered).finding(CHECK).severity()).isEqualTo(Severity.CRITICAL);
    }

    @Test
    void criOGivesLess() {
        Nodes node = Nodes.node().pods("""
                metadata: {name: web}
                status: {containerStatuses: [{name: main, containerID: "cri-o://%s", state: {running: {}}}]}
                """.formatted(Pods.containerId("web", "main")));

        assertThat(node.with(main()).finding(CHECK).message())
                .contains("NET_RAW")
                .contains("MKNOD");
        assertThat(node.with(main()).finding(CHECK).severity()).isEqualTo(Severity.HIGH);
    }

    /** A node whose own init lacks some has none to give. */
    @Test
    void whatTheNodeItselfLacksIsNotExpected() {
        CapabilitySet without = Processes.ALL_CAPABILITIES.minus(CapabilitySet.of(Capability.SYS_RESOURCE));
        Nodes node = pod("{privileged: true}").ceiling(Reading.of(without));

        assertThat(node.with(main().capabilities(without))
                        .verdict(CHECK, "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
        assertThat(node.with(Processes.of(101, "web", "main").capabilities(Processes.ALL_CAPABILITIES))
                        .finding(CHECK)
                        .message())
                .contains("SYS_RESOURCE");
    }

    @Test
    void unknownBitsHaveANumber() {
        CapabilitySet future = new CapabilitySet(1L << 62);

        assertThat(pod("{}").with(main().permitted(future)).finding(CHECK).message())
                .contains("CAP_62");
    }

    @ParameterizedTest
    @CsvSource({"SYS_ADMIN, critical", "SYS_MODULE, critical", "BPF, critical", "SYS_TIME, high", "NET_ADMIN, high"})
    void severityIsTheWorstCapabilitys(String name, String severity) {
        CapabilitySet one = CapabilitySet.named(List.of(name));

        assertThat(pod("{}")
                        .with(main().permitted(one))
                        .finding(CHECK)
                        .severity()
                        .word())
                .isEqualTo(severity);
    }

    @Test
    void bundleTellsWhoGaveThem() {
        CapabilitySet more = Processes.DEFAULT_CAPABILITIES.union(CapabilitySet.of(Capability.SYS_PTRACE));
        Processes process = main().capabilities(more);

        assertThat(pod("{}").with(process).finding(CHECK).cause()).isEqualTo(Cause.NOT_EXPLAINED_BY_SPEC);
        assertThat(pod("{}")
                        .bundles(Bundles.of("web", "main").bundle())
                        .with(process)
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.AFTER_START);
        assertThat(pod("{}")
                        .bundles(Bundles.of("web", "main").capabilities(more).bundle())
                        .with(process)
                        .finding(CHECK)
                        .cause())
                .isEqualTo(Cause.GRANTED_BY_RUNTIME);
    }

    @Test
    void statusThatCannotBeReadIsUndetermined() {
        Verdict verdict = pod("{}")
                .with(main().credentialsUnreadable("EACCES"))
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
        assertThat(verdict.undetermined()).anyMatch(gap -> gap.why().equals("EACCES") && gap.pid() == 100);
    }

    @Test
    void withoutAKnownCeilingPrivilegedPromisesNothingAndTheSetIsShown() {
        Verdict verdict = pod("{privileged: true}")
                .ceiling(new Reading.Unreadable<>("/proc/1/status", "EACCES"))
                .with(main())
                .verdict(CHECK, "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.CONFORMS);
        assertThat(verdict.effective()).isEqualTo(Processes.DEFAULT_CAPABILITIES.names());
        assertThat(verdict.evidence().get(0).line()).isEqualTo("CapBnd:\t00000000a80425fb");
    }

    private static Nodes pod(String context) {
        return Nodes.node()
                .pods("metadata: {name: web}\nspec: {containers: [{name: main, securityContext: " + context + "}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
