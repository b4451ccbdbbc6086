package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class CapabilitiesBaselineCheckTest {

    @TestFactory
    Stream<DynamicTest> onlyTheUsualCapabilitiesMayBeAdded() {
        return Cases.of(
                "capabilities-baseline",
                "Take it out; allowed are AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT")
                .in("v1.0")
                .allows("no stanza", "spec: {containers: [{name: a}]}")
                .allows("an empty stanza", "spec: {containers: [{name: a, securityContext: {capabilities: {}}}]}")
                .allows(
                        "the usual ones",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [AUDIT_WRITE, CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, MKNOD, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID, SYS_CHROOT]}}}]}")
                .allows(
                        "whatever is dropped",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {drop: [ALL, NET_RAW, nonsense]}}}]}")
                .forbids(
                        "NET_RAW",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [NET_RAW]}}}]}",
                        "securityContext.capabilities.add has \"NET_RAW\" in container \"a\"")
                .forbids(
                        "ALL",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [ALL]}}}]}",
                        "securityContext.capabilities.add has \"ALL\" in container \"a\"")
                .forbids(
                        "small letters",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [chown]}}}]}",
                        "securityContext.capabilities.add has \"chown\" in container \"a\"")
                .forbids(
                        "the prefix",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [CAP_CHOWN]}}}]}",
                        "securityContext.capabilities.add has \"CAP_CHOWN\" in container \"a\"")
                .forbids(
                        "an element that is nothing",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [null]}}}]}",
                        "securityContext.capabilities.add has \"\" in container \"a\"")
                .forbids(
                        "each container by what it adds",
                        "spec: {initContainers: [{name: i, securityContext: {capabilities: {add: [SYS_TIME, CHOWN]}}}], containers: [{name: a, securityContext: {capabilities: {add: [SYS_TIME, NET_ADMIN, NET_ADMIN]}}}, {name: b, securityContext: {capabilities: {add: [SYS_TIME]}}}]}",
                        "securityContext.capabilities.add has \"SYS_TIME\" in init container \"i\" and container \"b\"; securityContext.capabilities.add has \"NET_ADMIN\", \"SYS_TIME\" in container \"a\"")
                .in("latest")
                .allows(
                        "the same ones today",
                        "spec: {containers: [{name: a, securityContext: {capabilities: {add: [MKNOD]}}}]}")
                .forbids(
                        "a pod in a user namespace too",
                        "spec: {hostUsers: false, containers: [{name: a, securityContext: {capabilities: {add: [SYS_ADMIN]}}}]}",
                        "securityContext.capabilities.add has \"SYS_ADMIN\" in container \"a\"")
                .stream();
    }
}
