package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class PrivilegedCheckTest {

    @TestFactory
    Stream<DynamicTest> everyKindOfContainerIsLookedAt() {
        return Cases.of("privileged", "Leave it out, or set it to false")
                .in("v1.0")
                .allows("unset", "spec: {containers: [{name: a}, {name: b, securityContext: {}}]}")
                .allows("false", "spec: {containers: [{name: a, securityContext: {privileged: false}}]}")
                .forbids(
                        "a container",
                        "spec: {containers: [{name: a, securityContext: {privileged: true}}]}",
                        "securityContext.privileged is true in container \"a\"")
                .forbids(
                        "an init container",
                        "spec: {initContainers: [{name: i, securityContext: {privileged: true}}], containers: [{name: a}]}",
                        "securityContext.privileged is true in init container \"i\"")
                .forbids(
                        "a sidecar",
                        "spec: {initContainers: [{name: i, restartPolicy: Always, securityContext: {privileged: true}}], containers: [{name: a}]}",
                        "securityContext.privileged is true in init container \"i\"")
                .forbids(
                        "an ephemeral container",
                        "spec: {containers: [{name: a}], ephemeralContainers: [{name: e, securityContext: {privileged: true}}]}",
                        "securityContext.privileged is true in ephemeral container \"e\"")
                .forbids(
                        "all, named together",
                        "spec: {initContainers: [{name: i, securityContext: {privileged: true}}], containers: [{name: a, securityContext: {privileged: true}}, {name: b}], ephemeralContainers: [{name: e, securityContext: {privileged: true}}]}",
                        "securityContext.privileged is true in init container \"i\", container \"a\" and ephemeral container \"e\"")
                .in("latest")
                .forbids(
                        "a pod in a user namespace too",
                        "spec: {hostUsers: false, containers: [{name: a, securityContext: {privileged: true}}]}",
                        "securityContext.privileged is true in container \"a\"")
                .stream();
    }
}
