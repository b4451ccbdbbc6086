package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class AllowPrivilegeEscalationCheckTest {

    @TestFactory
    Stream<DynamicTest> everyContainerSaysNo() {
        return Cases.of("allow-privilege-escalation", "Set it to false")
                .in("v1.8")
                .allows("false", "spec: {containers: [{name: a, securityContext: {allowPrivilegeEscalation: false}}]}")
                .forbids(
                        "unset",
                        "spec: {containers: [{name: a}]}",
                        "securityContext.allowPrivilegeEscalation is not set in container \"a\"")
                .forbids(
                        "null",
                        "spec: {containers: [{name: a, securityContext: {allowPrivilegeEscalation: null}}]}",
                        "securityContext.allowPrivilegeEscalation is not set in container \"a\"")
                .forbids(
                        "true",
                        "spec: {containers: [{name: a, securityContext: {allowPrivilegeEscalation: true}}]}",
                        "securityContext.allowPrivilegeEscalation is true in container \"a\"")
                .forbids(
                        "each container by what it says",
                        "spec: {initContainers: [{name: i}], containers: [{name: a, securityContext: {allowPrivilegeEscalation: true}}, {name: b, securityContext: {allowPrivilegeEscalation: false}}], ephemeralContainers: [{name: e}]}",
                        "securityContext.allowPrivilegeEscalation is not set in init container \"i\" and ephemeral container \"e\"; securityContext.allowPrivilegeEscalation is true in container \"a\"")
                .in("v1.24")
                .forbids(
                        "a pod for Windows",
                        "spec: {os: {name: windows}, containers: [{name: a}]}",
                        "securityContext.allowPrivilegeEscalation is not set in container \"a\"")
                .in("v1.25")
                .allows("a pod for Windows", "spec: {os: {name: windows}, containers: [{name: a}]}")
                .forbids(
                        "a pod for Linux",
                        "spec: {os: {name: linux}, containers: [{name: a}]}",
                        "securityContext.allowPrivilegeEscalation is not set in container \"a\"")
                .in("latest")
                .forbids(
                        "a pod in a user namespace too",
                        "spec: {hostUsers: false, containers: [{name: a}]}",
                        "securityContext.allowPrivilegeEscalation is not set in container \"a\"")
                .stream();
    }
}
