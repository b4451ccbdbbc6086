package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class HostPortsCheckTest {

    @TestFactory
    Stream<DynamicTest> noPortIsTheHosts() {
        return Cases.of("host-ports", "Leave it out; a Service reaches the containerPort")
                .in("v1.0")
                .allows("no ports", "spec: {containers: [{name: a}]}")
                .allows("a container port", "spec: {containers: [{name: a, ports: [{containerPort: 80}]}]}")
                .allows("host port 0", "spec: {containers: [{name: a, ports: [{containerPort: 80, hostPort: 0}]}]}")
                .forbids(
                        "a host port",
                        "spec: {containers: [{name: a, ports: [{containerPort: 80, hostPort: 8080}]}]}",
                        "ports[].hostPort is 8080 in container \"a\"")
                .forbids(
                        "several in two containers",
                        "spec: {initContainers: [{name: i, ports: [{containerPort: 1, hostPort: 9}]}], containers: [{name: a, ports: [{containerPort: 80, hostPort: 90}, {containerPort: 81, hostPort: 10}, {containerPort: 80, hostPort: 10, protocol: UDP}]}]}",
                        "ports[].hostPort is 9 in init container \"i\"; ports[].hostPort is 10, 90 in container \"a\"")
                .in("latest")
                .allows("hostNetwork without ports", "spec: {hostNetwork: true, containers: [{name: a}]}")
                .wayOut("Leave hostPort and hostNetwork out: with hostNetwork every containerPort is a hostPort")
                .forbids(
                        "a port with hostNetwork, which the API server makes a host port",
                        "spec: {hostNetwork: true, containers: [{name: a, ports: [{containerPort: 80}]}]}",
                        "ports[].hostPort is 80 in container \"a\"")
                .stream();
    }
}
