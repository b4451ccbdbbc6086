package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class RunAsUserCheckTest {

    @TestFactory
    Stream<DynamicTest> rootIsNotAskedFor() {
        return Cases.of("run-as-user", "Leave it out, or set it to another number")
                .in("v1.23")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows(
                        "another user",
                        "spec: {securityContext: {runAsUser: 1}, containers: [{name: a, securityContext: {runAsUser: 1000}}]}")
                .forbids(
                        "root for the pod",
                        "spec: {securityContext: {runAsUser: 0}, containers: [{name: a, securityContext: {runAsUser: 1000}}]}",
                        "securityContext.runAsUser is 0 in the pod")
                .forbids(
                        "root for containers",
                        "spec: {initContainers: [{name: i, securityContext: {runAsUser: 0}}], containers: [{name: a, securityContext: {runAsUser: 0}}]}",
                        "securityContext.runAsUser is 0 in init container \"i\" and container \"a\"")
                .in("v1.34")
                .forbids(
                        "a pod in a user namespace",
                        "spec: {hostUsers: false, securityContext: {runAsUser: 0}, containers: [{name: a}]}",
                        "securityContext.runAsUser is 0 in the pod")
                .in("v1.35")
                .allows(
                        "a pod in a user namespace",
                        "spec: {hostUsers: false, securityContext: {runAsUser: 0}, containers: [{name: a}]}")
                .forbids(
                        "a pod on the host",
                        "spec: {hostUsers: true, securityContext: {runAsUser: 0}, containers: [{name: a}]}",
                        "securityContext.runAsUser is 0 in the pod")
                .forbids(
                        "a pod that does not say",
                        "spec: {securityContext: {runAsUser: 0}, containers: [{name: a}]}",
                        "securityContext.runAsUser is 0 in the pod")
                .stream();
    }
}
