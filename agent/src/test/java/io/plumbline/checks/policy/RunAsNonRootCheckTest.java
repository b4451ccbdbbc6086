package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class RunAsNonRootCheckTest {

    @TestFactory
    Stream<DynamicTest> podOrEveryContainerSaysSo() {
        return Cases.of("run-as-non-root", "Set it to true, for the pod or for the container")
                .in("v1.0")
                .allows("the pod", "spec: {securityContext: {runAsNonRoot: true}, containers: [{name: a}, {name: b}]}")
                .allows(
                        "every container",
                        "spec: {containers: [{name: a, securityContext: {runAsNonRoot: true}}, {name: b, securityContext: {runAsNonRoot: true}}]}")
                .allows(
                        "both",
                        "spec: {securityContext: {runAsNonRoot: true}, containers: [{name: a, securityContext: {runAsNonRoot: true}}]}")
                .forbids(
                        "neither",
                        "spec: {containers: [{name: a}, {name: b}]}",
                        "securityContext.runAsNonRoot is not set in container \"a\" and container \"b\"")
                .forbids(
                        "one container only",
                        "spec: {containers: [{name: a, securityContext: {runAsNonRoot: true}}, {name: b}]}",
                        "securityContext.runAsNonRoot is not set in container \"b\"")
                .forbids(
                        "a container that says no",
                        "spec: {securityContext: {runAsNonRoot: true}, containers: [{name: a, securityContext: {runAsNonRoot: false}}, {name: b}]}",
                        "securityContext.runAsNonRoot is false in container \"a\"")
                .forbids(
                        "a pod that says no",
                        "spec: {securityContext: {runAsNonRoot: false}, containers: [{name: a}]}",
                        "securityContext.runAsNonRoot is false in the pod")
                .forbids(
                        "a pod that says no above containers that say yes",
                        "spec: {securityContext: {runAsNonRoot: false}, containers: [{name: a, securityContext: {runAsNonRoot: true}}]}",
                        "securityContext.runAsNonRoot is false in the pod")
                .forbids(
                        "an init container",
                        "spec: {initContainers: [{name: i}], containers: [{name: a, securityContext: {runAsNonRoot: true}}]}",
                        "securityContext.runAsNonRoot is not set in init container \"i\"")
                .forbids(
                        "a user that is not root",
                        "spec: {securityContext: {runAsUser: 1000}, containers: [{name: a}]}",
                        "securityContext.runAsNonRoot is not set in container \"a\"")
                .in("v1.34")
                .forbids(
                        "a pod in a user namespace",
                        "spec: {hostUsers: false, containers: [{name: a}]}",
                        "securityContext.runAsNonRoot is not set in container \"a\"")
                .in("v1.35")
                .allows("a pod in a user namespace", "spec: {hostUsers: false, containers: [{name: a}]}")
                .allows(
                        "one that says no",
                        "spec: {hostUsers: false, securityContext: {runAsNonRoot: false}, containers: [{name: a}]}")
                .forbids(
                        "a pod on the host",
                        "spec: {hostUsers: true, containers: [{name: a}]}",
                        "securityContext.runAsNonRoot is not set in container \"a\"")
                .forbids(
                        "a pod for Windows",
                        "spec: {os: {name: windows}, containers: [{name: a}]}",
                        "securityContext.runAsNonRoot is not set in container \"a\"")
                .stream();
    }
}
