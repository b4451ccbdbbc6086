package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ProcMountRestrictedCheckTest {

    @TestFactory
    Stream<DynamicTest> masksStayInAUserNamespaceToo() {
        return Cases.of("proc-mount-restricted", "Leave it out, or set it to Default")
                .in("v1.35")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows(
                        "Default",
                        "spec: {hostUsers: false, containers: [{name: a, securityContext: {procMount: Default}}]}")
                .forbids(
                        "a pod in a user namespace",
                        "spec: {hostUsers: false, containers: [{name: a, securityContext: {procMount: Unmasked}}]}",
                        "securityContext.procMount is \"Unmasked\" in container \"a\"")
                .forbids(
                        "a pod on the host",
                        "spec: {containers: [{name: a, securityContext: {procMount: Unmasked}}]}",
                        "securityContext.procMount is \"Unmasked\" in container \"a\"")
                .in("latest")
                .forbids(
                        "an ephemeral container",
                        "spec: {hostUsers: false, containers: [{name: a}], ephemeralContainers: [{name: e, securityContext: {procMount: Unmasked}}]}",
                        "securityContext.procMount is \"Unmasked\" in ephemeral container \"e\"")
                .stream();
    }
}
