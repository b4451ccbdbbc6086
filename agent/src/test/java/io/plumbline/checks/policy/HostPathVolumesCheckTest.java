package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class HostPathVolumesCheckTest {

    @TestFactory
    Stream<DynamicTest> noVolumeIsTheHosts() {
        return Cases.of("host-path-volumes", "Use emptyDir, a persistentVolumeClaim or what else fits instead")
                .in("v1.0")
                .allows("no volumes", "spec: {containers: [{name: a}]}")
                .allows(
                        "other volumes",
                        "spec: {containers: [{name: a}], volumes: [{name: v, emptyDir: {}}, {name: w, nfs: {server: s, path: /}}]}")
                .allows(
                        "a hostPath that is null",
                        "spec: {containers: [{name: a}], volumes: [{name: v, hostPath: null}]}")
                .forbids(
                        "a hostPath",
                        "spec: {containers: [{name: a}], volumes: [{name: v, hostPath: {path: /run}}]}",
                        "volume \"v\" is a hostPath of \"/run\"")
                .forbids(
                        "a hostPath without a path",
                        "spec: {containers: [{name: a}], volumes: [{name: v, hostPath: {}}]}",
                        "volume \"v\" is a hostPath")
                .forbids(
                        "a hostPath beside another source",
                        "spec: {containers: [{name: a}], volumes: [{name: v, hostPath: {}, emptyDir: {}}]}",
                        "volume \"v\" is a hostPath")
                .forbids(
                        "several",
                        "spec: {containers: [{name: a}], volumes: [{name: v, hostPath: {path: /run}}, {name: w, secret: {}}, {name: x, hostPath: {path: /etc}}]}",
                        "volume \"v\" is a hostPath of \"/run\"; volume \"x\" is a hostPath of \"/etc\"")
                .in("latest")
                .forbids(
                        "a pod in a user namespace too",
                        "spec: {hostUsers: false, containers: [{name: a}], volumes: [{name: v, hostPath: {path: /}}]}",
                        "volume \"v\" is a hostPath of \"/\"")
                .stream();
    }
}
