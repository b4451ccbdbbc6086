package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class SeccompProfileRestrictedCheckTest {

    @TestFactory
    Stream<DynamicTest> everyContainerIsConfined() {
        return Cases.of(
                "seccomp-profile-restricted", "Set it to RuntimeDefault or Localhost, for the pod or for the container")
                .in("v1.19")
                .allows(
                        "by the pod",
                        "spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: a}]}")
                .allows(
                        "by the container",
                        "spec: {containers: [{name: a, securityContext: {seccompProfile: {type: Localhost}}}]}")
                .forbids(
                        "nothing",
                        "spec: {containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is not set in container \"a\"")
                .forbids(
                        "one container only",
                        "spec: {initContainers: [{name: i}], containers: [{name: a, securityContext: {seccompProfile: {type: RuntimeDefault}}}]}",
                        "securityContext.seccompProfile.type is not set in init container \"i\"")
                .forbids(
                        "Unconfined pod",
                        "spec: {securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in the pod; securityContext.seccompProfile.type is not set in container \"a\"")
                .forbids(
                        "Unconfined pod above a good container",
                        "spec: {securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a, securityContext: {seccompProfile: {type: RuntimeDefault}}}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in the pod")
                .forbids(
                        "Unconfined container under a good pod",
                        "spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: a, securityContext: {seccompProfile: {type: Unconfined}}}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in container \"a\"")
                .forbids(
                        "a container's profile without a type",
                        "spec: {containers: [{name: a, securityContext: {seccompProfile: {}}}]}",
                        "securityContext.seccompProfile.type is \"\" in container \"a\"")
                .forbids(
                        "annotations",
                        "metadata: {annotations: {\"seccomp.security.alpha.kubernetes.io/pod\": \"runtime/default\"}}\nspec: {containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is not set in container \"a\"")
                .in("v1.24")
                .forbids(
                        "a pod for Windows",
                        "spec: {os: {name: windows}, containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is not set in container \"a\"")
                .in("v1.25")
                .allows("a pod for Windows", "spec: {os: {name: windows}, containers: [{name: a}]}")
                .forbids(
                        "a pod for Linux",
                        "spec: {os: {name: linux}, containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is not set in container \"a\"")
                .in("latest")
                .forbids(
                        "a pod in a user namespace too",
                        "spec: {hostUsers: false, containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is not set in container \"a\"")
                .stream();
    }
}
