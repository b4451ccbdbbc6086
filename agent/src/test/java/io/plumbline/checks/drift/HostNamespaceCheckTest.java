package io.plumbline.checks.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Bundles;
import io.plumbline.Nodes;
import io.plumbline.Processes;
import io.plumbline.model.Cause;
import io.plumbline.model.Evidence;
import io.plumbline.model.Finding;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import io.plumbline.model.Verdict.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The six namespaces of the host, each with what declares it. */
class HostNamespaceCheckTest {

    @ParameterizedTest
    @CsvSource({
        "host-pid, PID, 'hostPID: true', high",
        "host-ipc, IPC, 'hostIPC: true', high",
        "host-network, NET, 'hostNetwork: true', high",
        "host-uts, UTS, 'hostNetwork: true', high",
        "host-mount, MNT, '', critical",
        "host-users, USER, '', ''"
    })
    void hostsNamespaceIsDriftUnlessItIsDeclared(
            String check, NamespaceType type, String declaration, String severity) {
        Processes process = main().host(type);
        Verdict silent = pod("").with(process).verdict(check, "main").orElseThrow();

        if (severity.isEmpty()) {
            assertThat(silent.outcome()).isEqualTo(Outcome.CONFORMS); // the host's is what containers have
            assertThat(pod("hostUsers: false, ").with(process).finding(check).severity())
                    .isEqualTo(Severity.HIGH);
            return;
        }
        assertThat(silent.violation().orElseThrow().severity().word()).isEqualTo(severity);
        assertThat(silent.evidence().get(0).source()).isEqualTo("/proc/100/ns/" + type.link());
        if (!declaration.isEmpty()) {
            Nodes declared = pod(declaration + ", ").with(process);
            assertThat(declared.verdict(check, "main").orElseThrow().outcome()).isEqualTo(Outcome.CONFORMS);
        }
    }

    @Test
    void oneProcessOfManyIsEnough() {
        Processes escaped = Processes.of(101, "web", "main").besides(main()).host(NamespaceType.MNT, NamespaceType.PID);
        Nodes node = pod("").with(main(), escaped);

        assertThat(node.finding("host-mount").processes())
                .extracting(Finding.ProcessReference::pid)
                .containsExactly(101);
        assertThat(node.finding("host-pid").processCount()).isEqualTo(1);
    }

    /** Its leader is where it should be, and hides it. */
    @ParameterizedTest
    @CsvSource({
        "host-ipc, IPC, 'hostIPC: true'",
        "host-network, NET, 'hostNetwork: true'",
        "host-uts, UTS, 'hostNetwork: true'",
        "host-mount, MNT, ''"
    })
    void threadAloneIsEnough(String check, NamespaceType type, String declaration) {
        Processes process = main().threadIn(107, type, Reading.of(Nodes.hostNamespace(type)));
        Finding finding = pod("").with(process).finding(check);

        assertThat(finding.message())
                .startsWith("a thread of 1 process of shop/web (container main) is in the host's ");
        assertThat(finding.evidence().get(0).source()).isEqualTo("/proc/100/task/107/ns/" + type.link());
        assertThat(finding.evidence().get(0).line()).isEqualTo(type.link() + ":[" + Nodes.hostNamespace(type) + "]");
        if (!declaration.isEmpty()) {
            Nodes declared = pod(declaration + ", ").with(process);
            assertThat(declared.verdict(check, "main").orElseThrow().outcome()).isEqualTo(Outcome.CONFORMS);
        }
    }

    @Test
    void threadInANamespaceOfItsOwnIsNotInTheHosts() {
        Processes process = main().threadIn(107, NamespaceType.NET, Reading.of(4026539999L));

        assertThat(pod("").with(process).drift()).isEmpty();
    }

    @Test
    void threadWhoseLinkCannotBeReadIsUndeterminedWhereItMatters() {
        Processes hidden = main().threadIn(
                        107, NamespaceType.IPC, new Reading.Unreadable<>("/proc/100/task/107/ns/ipc", "EACCES"));

        Verdict verdict = pod("").with(hidden).verdict("host-ipc", "main").orElseThrow();
        assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
        assertThat(verdict.undetermined().get(0).source()).isEqualTo("/proc/100/task/107/ns/ipc");
        assertThat(pod("hostIPC: true, ")
                        .with(hidden)
                        .verdict("host-ipc", "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"root", "cwd"})
    void directoryInTheHostsMountNamespaceIsABreakOut(String link) {
        Finding finding = pod("").with(
                        main().directory(link, "/run/containerd", Nodes.hostNamespace(NamespaceType.MNT)))
                .finding("host-mount");

        assertThat(finding.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(finding.message()).endsWith("is in the host's mount namespace by root or working directory");
        assertThat(finding.effective()).contains("the host's, by " + link);
        assertThat(finding.evidence())
                .extracting(Evidence::source)
                .containsExactly("/proc/100/" + link, "/proc/1/mountinfo");
        assertThat(finding.evidence().get(0).line()).isEqualTo("/run/containerd");
    }

    @Test
    void processInTheHostsMountNamespaceIsThereWithMoreThanADirectory() {
        Processes there = Processes.of(101, "web", "main").host(NamespaceType.MNT);
        Processes half = Processes.of(102, "web", "main")
                .besides(main())
                .directory("cwd", "/", Nodes.hostNamespace(NamespaceType.MNT));

        Finding finding = pod("").with(main(), there, half).finding("host-mount");

        assertThat(finding.message()).startsWith("2 processes").endsWith("are in the host's mount namespace");
    }

    @Test
    void directoryInAnyOtherMountNamespaceIsNotTheHosts() {
        assertThat(pod("").with(main().directory("cwd", "/", 4026539999L))
                        .verdict("host-mount", "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    @Test
    void linkThatCannotBeReadIsUndeterminedWhereItMatters() {
        Processes hidden = main().namespace(NamespaceType.PID, new Reading.Unreadable<>("/proc/100/ns/pid", "EACCES"));

        assertThat(pod("").with(hidden)
                        .verdict("host-pid", "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.UNDETERMINED);
        assertThat(pod("hostPID: true, ")
                        .with(hidden)
                        .verdict("host-pid", "main")
                        .orElseThrow()
                        .outcome())
                .isEqualTo(Outcome.CONFORMS);
    }

    @Test
    void unknownNamespaceOfTheHostIsUndetermined() {
        Verdict verdict = pod("").hostNamespace(NamespaceType.NET, new Reading.Unreadable<>("/proc/1/ns/net", "EACCES"))
                .with(main())
                .verdict("host-network", "main")
                .orElseThrow();

        assertThat(verdict.outcome()).isEqualTo(Outcome.UNDETERMINED);
        assertThat(verdict.undetermined().get(0).why()).contains("EACCES");
    }

    @Test
    void bundleThatLeftItOutTellsThatTheRuntimeGaveIt() {
        Nodes node = pod("").with(main().host(NamespaceType.IPC));

        assertThat(node.bundles(Bundles.of("web", "main")
                                .host(NamespaceType.IPC)
                                .bundle())
                        .finding("host-ipc")
                        .cause())
                .isEqualTo(Cause.GRANTED_BY_RUNTIME);
        assertThat(pod("").with(main().host(NamespaceType.IPC))
                        .bundles(Bundles.of("web", "main").bundle())
                        .finding("host-ipc")
                        .cause())
                .isEqualTo(Cause.AFTER_START);
    }

    private static Nodes pod(String spec) {
        return Nodes.node().pods("metadata: {name: web}\nspec: {" + spec + "containers: [{name: main}]}");
    }

    private static Processes main() {
        return Processes.of(100, "web", "main");
    }
}
