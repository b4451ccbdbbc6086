package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class HostNamespacesCheckTest {

    @TestFactory
    Stream<DynamicTest> onlyTheHostsNamespacesAreForbidden() {
        return Cases.of("host-namespaces", "Leave it out, or set it to false")
                .in("v1.0")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows("false", "spec: {hostNetwork: false, hostPID: false, hostIPC: false, containers: [{name: a}]}")
                .allows("null", "spec: {hostPID: null, containers: [{name: a}]}")
                .allows(
                        "hostUsers, which nothing restricts",
                        "spec: {hostUsers: true, shareProcessNamespace: true, containers: [{name: a}]}")
                .forbids(
                        "hostNetwork",
                        "spec: {hostNetwork: true, containers: [{name: a}]}",
                        "hostNetwork is true in the pod")
                .forbids("hostPID", "spec: {hostPID: true, containers: [{name: a}]}", "hostPID is true in the pod")
                .forbids("hostIPC", "spec: {hostIPC: true, containers: [{name: a}]}", "hostIPC is true in the pod")
                .forbids(
                        "all three",
                        "spec: {hostNetwork: true, hostPID: true, hostIPC: true, containers: [{name: a}]}",
                        "hostNetwork is true in the pod; hostPID is true in the pod; hostIPC is true in the pod")
                .in("latest")
                .forbids(
                        "a pod in a user namespace too",
                        "spec: {hostUsers: false, hostPID: true, containers: [{name: a}]}",
                        "hostPID is true in the pod")
                .stream();
    }
}
