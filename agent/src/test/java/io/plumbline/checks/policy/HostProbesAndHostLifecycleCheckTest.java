package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class HostProbesAndHostLifecycleCheckTest {

    @TestFactory
    Stream<DynamicTest> handlersAskThePodItself() {
        return Cases.of("host-probes-and-host-lifecycle", "Leave it out: the pod itself is then asked")
                .in("v1.34")
                .allows("no handlers", "spec: {containers: [{name: a}]}")
                .allows(
                        "handlers without a host",
                        "spec: {containers: [{name: a, livenessProbe: {httpGet: {port: 80}}, readinessProbe: {tcpSocket: {port: 80}}, startupProbe: {exec: {command: [x]}}, lifecycle: {preStop: {sleep: {seconds: 1}}}}]}")
                .allows(
                        "empty hosts",
                        "spec: {containers: [{name: a, livenessProbe: {httpGet: {port: 80, host: \"\"}}, lifecycle: {postStart: {tcpSocket: {port: 80, host: null}}}}]}")
                .allows(
                        "a gRPC service",
                        "spec: {containers: [{name: a, livenessProbe: {grpc: {port: 80, service: host}}}]}")
                .forbids(
                        "livenessProbe.httpGet",
                        "spec: {containers: [{name: a, livenessProbe: {httpGet: {port: 80, host: 10.0.0.1}}}]}",
                        "livenessProbe.httpGet.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "livenessProbe.tcpSocket",
                        "spec: {containers: [{name: a, livenessProbe: {tcpSocket: {port: 80, host: 10.0.0.1}}}]}",
                        "livenessProbe.tcpSocket.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "readinessProbe.httpGet",
                        "spec: {containers: [{name: a, readinessProbe: {httpGet: {port: 80, host: 10.0.0.1}}}]}",
                        "readinessProbe.httpGet.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "readinessProbe.tcpSocket",
                        "spec: {containers: [{name: a, readinessProbe: {tcpSocket: {port: 80, host: 10.0.0.1}}}]}",
                        "readinessProbe.tcpSocket.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "startupProbe.httpGet",
                        "spec: {containers: [{name: a, startupProbe: {httpGet: {port: 80, host: 10.0.0.1}}}]}",
                        "startupProbe.httpGet.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "startupProbe.tcpSocket",
                        "spec: {containers: [{name: a, startupProbe: {tcpSocket: {port: 80, host: 10.0.0.1}}}]}",
                        "startupProbe.tcpSocket.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "lifecycle.postStart.httpGet",
                        "spec: {containers: [{name: a, lifecycle: {postStart: {httpGet: {port: 80, host: 10.0.0.1}}}}]}",
                        "lifecycle.postStart.httpGet.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "lifecycle.postStart.tcpSocket",
                        "spec: {containers: [{name: a, lifecycle: {postStart: {tcpSocket: {port: 80, host: 10.0.0.1}}}}]}",
                        "lifecycle.postStart.tcpSocket.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "lifecycle.preStop.httpGet",
                        "spec: {containers: [{name: a, lifecycle: {preStop: {httpGet: {port: 80, host: 10.0.0.1}}}}]}",
                        "lifecycle.preStop.httpGet.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "lifecycle.preStop.tcpSocket",
                        "spec: {containers: [{name: a, lifecycle: {preStop: {tcpSocket: {port: 80, host: 10.0.0.1}}}}]}",
                        "lifecycle.preStop.tcpSocket.host is \"10.0.0.1\" in container \"a\"")
                .forbids(
                        "the loopback address and init containers",
                        "spec: {initContainers: [{name: i, startupProbe: {tcpSocket: {port: 80, host: 127.0.0.1}}}], containers: [{name: a}]}",
                        "startupProbe.tcpSocket.host is \"127.0.0.1\" in init container \"i\"")
                .in("latest")
                .forbids(
                        "a host today",
                        "spec: {hostUsers: false, containers: [{name: a, livenessProbe: {httpGet: {port: 80, host: db}}}]}",
                        "livenessProbe.httpGet.host is \"db\" in container \"a\"")
                .stream();
    }
}
