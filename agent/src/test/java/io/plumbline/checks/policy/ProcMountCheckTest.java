package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ProcMountCheckTest {

    @TestFactory
    Stream<DynamicTest> masksStay() {
        return Cases.of("proc-mount", "Leave it out, or set it to Default")
                .in("v1.0")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows("null", "spec: {containers: [{name: a, securityContext: {procMount: null}}]}")
                .allows("Default", "spec: {containers: [{name: a, securityContext: {procMount: Default}}]}")
                .forbids(
                        "Unmasked",
                        "spec: {containers: [{name: a, securityContext: {procMount: Unmasked}}]}",
                        "securityContext.procMount is \"Unmasked\" in container \"a\"")
                .forbids(
                        "the empty text",
                        "spec: {containers: [{name: a, securityContext: {procMount: \"\"}}]}",
                        "securityContext.procMount is \"\" in container \"a\"")
                .forbids(
                        "an init container",
                        "spec: {initContainers: [{name: i, securityContext: {procMount: Unmasked}}], containers: [{name: a}]}",
                        "securityContext.procMount is \"Unmasked\" in init container \"i\"")
                .in("v1.34")
                .forbids(
                        "a pod in a user namespace",
                        "spec: {hostUsers: false, containers: [{name: a, securityContext: {procMount: Unmasked}}]}",
                        "securityContext.procMount is \"Unmasked\" in container \"a\"")
                .in("v1.35")
                .allows(
                        "a pod in a user namespace",
                        "spec: {hostUsers: false, containers: [{name: a, securityContext: {procMount: Unmasked}}]}")
                .forbids(
                        "a pod on the host",
                        "spec: {hostUsers: true, containers: [{name: a, securityContext: {procMount: Unmasked}}]}",
                        "securityContext.procMount is \"Unmasked\" in container \"a\"")
                .forbids(
                        "a pod that does not say",
                        "spec: {containers: [{name: a, securityContext: {procMount: Unmasked}}]}",
                        "securityContext.procMount is \"Unmasked\" in container \"a\"")
                .stream();
    }
}
