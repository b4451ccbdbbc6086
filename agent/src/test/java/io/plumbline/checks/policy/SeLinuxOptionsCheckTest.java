package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class SeLinuxOptionsCheckTest {

    @TestFactory
    Stream<DynamicTest> typesAreThoseForContainers() {
        return Cases.of(
                "se-linux-options",
                "Leave user and role out, and type too or use one of container_init_t, container_kvm_t, container_t")
                .in("v1.0")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows("empty options", "spec: {securityContext: {seLinuxOptions: {}}, containers: [{name: a}]}")
                .allows(
                        "empty values",
                        "spec: {securityContext: {seLinuxOptions: {type: \"\", user: \"\", role: \"\"}}, containers: [{name: a}]}")
                .allows(
                        "a level",
                        "spec: {securityContext: {seLinuxOptions: {level: \"s0:c1,c2\"}}, containers: [{name: a}]}")
                .allows(
                        "container_t",
                        "spec: {securityContext: {seLinuxOptions: {type: container_t}}, containers: [{name: a}]}")
                .allows(
                        "container_init_t",
                        "spec: {securityContext: {seLinuxOptions: {type: container_init_t}}, containers: [{name: a}]}")
                .allows(
                        "container_kvm_t",
                        "spec: {securityContext: {seLinuxOptions: {type: container_kvm_t}}, containers: [{name: a}]}")
                .forbids(
                        "another type",
                        "spec: {securityContext: {seLinuxOptions: {type: spc_t}}, containers: [{name: a}]}",
                        "securityContext.seLinuxOptions.type is \"spc_t\" in the pod")
                .forbids(
                        "a user",
                        "spec: {securityContext: {seLinuxOptions: {user: system_u}}, containers: [{name: a}]}",
                        "securityContext.seLinuxOptions.user is \"system_u\" in the pod")
                .forbids(
                        "a role",
                        "spec: {securityContext: {seLinuxOptions: {role: system_r}}, containers: [{name: a}]}",
                        "securityContext.seLinuxOptions.role is \"system_r\" in the pod")
                .forbids(
                        "all in containers",
                        "spec: {initContainers: [{name: i, securityContext: {seLinuxOptions: {user: u}}}], containers: [{name: a, securityContext: {seLinuxOptions: {type: t, user: u, role: r}}}]}",
                        "securityContext.seLinuxOptions.user is \"u\" in init container \"i\" and container \"a\"; securityContext.seLinuxOptions.type is \"t\" in container \"a\"; securityContext.seLinuxOptions.role is \"r\" in container \"a\"")
                .in("v1.30")
                .forbids(
                        "container_engine_t",
                        "spec: {securityContext: {seLinuxOptions: {type: container_engine_t}}, containers: [{name: a}]}",
                        "securityContext.seLinuxOptions.type is \"container_engine_t\" in the pod")
                .in("v1.31")
                .allows(
                        "container_engine_t",
                        "spec: {securityContext: {seLinuxOptions: {type: container_engine_t}}, containers: [{name: a}]}")
                .allows(
                        "container_t",
                        "spec: {securityContext: {seLinuxOptions: {type: container_t}}, containers: [{name: a}]}")
                .wayOut(
                        "Leave user and role out, and type too or use one of container_engine_t, container_init_t, container_kvm_t, container_t")
                .forbids(
                        "another type",
                        "spec: {securityContext: {seLinuxOptions: {type: spc_t}}, containers: [{name: a}]}",
                        "securityContext.seLinuxOptions.type is \"spc_t\" in the pod")
                .in("latest")
                .forbids(
                        "a user in a user namespace too",
                        "spec: {hostUsers: false, securityContext: {seLinuxOptions: {user: u}}, containers: [{name: a}]}",
                        "securityContext.seLinuxOptions.user is \"u\" in the pod")
                .stream();
    }
}
