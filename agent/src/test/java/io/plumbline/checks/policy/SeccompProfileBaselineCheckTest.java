package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class SeccompProfileBaselineCheckTest {

    @TestFactory
    Stream<DynamicTest> annotationsCountedUpTo118() {
        return Cases.of("seccomp-profile-baseline", "Use runtime/default or localhost/..., or leave it out")
                .in("v1.0")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows(
                        "runtime/default",
                        "metadata: {annotations: {\"seccomp.security.alpha.kubernetes.io/pod\": \"runtime/default\"}}\nspec: {containers: [{name: a}]}")
                .allows(
                        "docker/default",
                        "metadata: {annotations: {\"seccomp.security.alpha.kubernetes.io/pod\": \"docker/default\"}}\nspec: {containers: [{name: a}]}")
                .allows(
                        "localhost",
                        "metadata: {annotations: {\"container.seccomp.security.alpha.kubernetes.io/a\": \"localhost/x\"}}\nspec: {containers: [{name: a}]}")
                .allows(
                        "a container that is not there",
                        "metadata: {annotations: {\"container.seccomp.security.alpha.kubernetes.io/nobody\": \"unconfined\"}}\nspec: {containers: [{name: a}]}")
                .allows(
                        "the field",
                        "spec: {securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a}]}")
                .forbids(
                        "unconfined pod",
                        "metadata: {annotations: {\"seccomp.security.alpha.kubernetes.io/pod\": \"unconfined\"}}\nspec: {containers: [{name: a}]}",
                        "annotation seccomp.security.alpha.kubernetes.io/pod is \"unconfined\"")
                .forbids(
                        "unconfined container",
                        "metadata: {annotations: {\"container.seccomp.security.alpha.kubernetes.io/a\": \"unconfined\"}}\nspec: {containers: [{name: a}]}",
                        "annotation container.seccomp.security.alpha.kubernetes.io/a is \"unconfined\"")
                .forbids(
                        "an empty annotation",
                        "metadata: {annotations: {\"seccomp.security.alpha.kubernetes.io/pod\": \"\"}}\nspec: {containers: [{name: a}]}",
                        "annotation seccomp.security.alpha.kubernetes.io/pod is \"\"")
                .in("v1.18")
                .forbids(
                        "annotations",
                        "metadata: {annotations: {\"container.seccomp.security.alpha.kubernetes.io/a\": \"unconfined\"}}\nspec: {containers: [{name: a}]}",
                        "annotation container.seccomp.security.alpha.kubernetes.io/a is \"unconfined\"")
                .in("v1.19")
                .allows(
                        "annotations",
                        "metadata: {annotations: {\"container.seccomp.security.alpha.kubernetes.io/a\": \"unconfined\"}}\nspec: {containers: [{name: a}]}")
                .stream();
    }

    @TestFactory
    Stream<DynamicTest> fieldsCountFrom119On() {
        return Cases.of("seccomp-profile-baseline", "Use RuntimeDefault or Localhost, or leave it out")
                .in("v1.19")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows(
                        "RuntimeDefault",
                        "spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: a}]}")
                .allows(
                        "Localhost",
                        "spec: {securityContext: {seccompProfile: {type: Localhost}}, containers: [{name: a}]}")
                .allows("null", "spec: {securityContext: {seccompProfile: null}, containers: [{name: a}]}")
                .forbids(
                        "Unconfined pod",
                        "spec: {securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in the pod")
                .forbids(
                        "Unconfined pod above a good container",
                        "spec: {securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a, securityContext: {seccompProfile: {type: RuntimeDefault}}}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in the pod")
                .forbids(
                        "Unconfined container",
                        "spec: {containers: [{name: a, securityContext: {seccompProfile: {type: Unconfined}}}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in container \"a\"")
                .forbids(
                        "Unconfined container under a good pod",
                        "spec: {securityContext: {seccompProfile: {type: RuntimeDefault}}, containers: [{name: a, securityContext: {seccompProfile: {type: Unconfined}}}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in container \"a\"")
                .forbids(
                        "a profile without a type",
                        "spec: {securityContext: {seccompProfile: {}}, containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is \"\" in the pod")
                .in("latest")
                .forbids(
                        "Unconfined in a user namespace too",
                        "spec: {hostUsers: false, securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a}]}",
                        "securityContext.seccompProfile.type is \"Unconfined\" in the pod")
                .stream();
    }
}
