package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

final class RuncIT extends RealContainers {
    private Running userNamespace;
    private Running created;
    private long waiting;

    RuncIT() {
        super("runc");
    }

    @Override
    void startMore(Node node) {
        userNamespace = node.run(Pod.of("""
                metadata: {name: user-namespace, namespace: shop}
                spec: {hostUsers: false, containers: [{name: main}]}
                """));
        created = node.runSandboxOnly(Pod.withContainer("created", "{runAsNonRoot: true, runAsUser: 1000}"));
        waiting = node.createOnly(created).pid();
    }

    @Override
    List<Expected> startMoreDrift(Node node) {
        // A runtime that does not know user namespaces ignores the wish and starts the container.
        Running ignored = node.run(Pod.of("""
                metadata: {name: user-namespace-ignored, namespace: shop}
                spec: {hostUsers: false, containers: [{name: main}]}
                """), DriftFromTheRuntime::withoutUserNamespace);
        Running.Container main = ignored.main();
        return List.of(
                capabilityByExec(node),
                Expected.of(ignored, main, "host-users", "high")
                        .by(main.pid())
                        .grantedByRuntime()
                        .shownBy("/ns/user", main.process().namespace("user")));
    }

    @Order(2)
    @Test
    void trap3RootInAUserNamespaceIsNotTheHostsRoot() {
        Running.Container main = userNamespace.main();
        assertThat(main.process().lines("uid_map")).singleElement().asString().contains("200000");
        assertThat(asDeclared().of(main.pid())).isEmpty();
    }

    @Order(2)
    @Test
    void trap4TheRuntimesOwnProgramThatWaitsInAContainerIsNotJudged() {
        assertThat(new Proc(waiting).commandLine()).endsWith("runc init");
        assertThat(asDeclared().of(waiting)).isEmpty();
        assertThat(asDeclared().drift(created.pod())).isEmpty();
    }
}
