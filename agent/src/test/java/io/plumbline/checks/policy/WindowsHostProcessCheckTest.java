package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class WindowsHostProcessCheckTest {

    @TestFactory
    Stream<DynamicTest> noContainerIsAHostProcess() {
        return Cases.of("windows-host-process", "Leave it out, or set it to false")
                .in("v1.0")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows(
                        "false",
                        "spec: {securityContext: {windowsOptions: {hostProcess: false, runAsUserName: x}}, containers: [{name: a}]}")
                .forbids(
                        "the pod",
                        "spec: {securityContext: {windowsOptions: {hostProcess: true}}, containers: [{name: a}]}",
                        "securityContext.windowsOptions.hostProcess is true in the pod")
                .forbids(
                        "a container",
                        "spec: {containers: [{name: a, securityContext: {windowsOptions: {hostProcess: true}}}]}",
                        "securityContext.windowsOptions.hostProcess is true in container \"a\"")
                .forbids(
                        "both",
                        "spec: {securityContext: {windowsOptions: {hostProcess: true}}, initContainers: [{name: i, securityContext: {windowsOptions: {hostProcess: true}}}], containers: [{name: a}]}",
                        "securityContext.windowsOptions.hostProcess is true in the pod and init container \"i\"")
                .in("latest")
                .forbids(
                        "a pod for Windows too",
                        "spec: {os: {name: windows}, securityContext: {windowsOptions: {hostProcess: true}}, containers: [{name: a}]}",
                        "securityContext.windowsOptions.hostProcess is true in the pod")
                .stream();
    }
}
