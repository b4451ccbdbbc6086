package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class CapabilitiesRestrictedCheckTest {

    @TestFactory
    Stream<DynamicTest> allMustBeDropped() {
        return Cases.of(
                "capabilities-restricted", "Set capabilities.drop to [\"ALL\"], and add at most NET_BIND_SERVICE")
                .in("v1.22")
                .allows("drop ALL", "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [ALL]}}}]}")
                .allows(
                        "drop ALL and more",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [KILL, ALL]}}}]}")
                .allows(
                        "NET_BIND_SERVICE",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}}]}")
                .forbids(
                        "no stanza",
                        "spec: {containers: [{name: a}]}",
                        "securityContext.capabilities.drop is without \"ALL\" in container \"a\"")
                .forbids(
                        "another drop",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [all, CHOWN]}}}]}",
                        "securityContext.capabilities.drop is without \"ALL\" in container \"a\"")
                .forbids(
                        "an init container without",
                        "spec: {initContainers: [{name: i}], containers: [{name: a, securityContext: {capabilities: {drop: [ALL]}}}]}",
                        "securityContext.capabilities.drop is without \"ALL\" in init container \"i\"")
                .forbids(
                        "another add",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [ALL], add: [NET_BIND_SERVICE, CHOWN]}}}]}",
                        "securityContext.capabilities.add has \"CHOWN\" in container \"a\"")
                .forbids(
                        "both",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [CHOWN]}}}]}",
                        "securityContext.capabilities.drop is without \"ALL\" in container \"a\"; securityContext.capabilities.add has \"CHOWN\" in container \"a\"")
                .in("v1.24")
                .forbids(
                        "a pod for Windows",
                        "spec: {os: {name: windows}, containers: [{name: a}]}",
                        "securityContext.capabilities.drop is without \"ALL\" in container \"a\"")
                .in("v1.25")
                .allows("a pod for Windows", "spec: {os: {name: windows}, containers: [{name: a}]}")
                .forbids(
                        "a pod for Linux",
                        "spec: {os: {name: linux}, containers: [{name: a}]}",
                        "securityContext.capabilities.drop is without \"ALL\" in container \"a\"")
                .in("latest")
                .forbids(
                        "a pod in a user namespace too",
                        "spec: {hostUsers: false, containers: [{name: a}]}",
                        "securityContext.capabilities.drop is without \"ALL\" in container \"a\"")
                .stream();
    }
}
