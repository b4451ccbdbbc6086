package io.plumbline.checks.drift;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.ContainerCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Cause;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.FindingKind;
import io.plumbline.model.ListeningSocket;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.Severity;
import io.plumbline.model.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A container in the host's network listens only on ports that it declares. */
final class HostPortCheck implements ContainerCheck {

    private static final CheckDescription DESCRIPTION = new CheckDescription(
            "host-port",
            FindingKind.DRIFT,
            "low",
            "Listens on a port of the host that is not declared",
            "A container of a hostNetwork pod listens only on ports that its spec lists.",
            "/proc/<pid>/net/{tcp,tcp6,udp,udp6} and the socket inodes of /proc/<pid>/fd, against ports of the pod's containers",
            "List the port under ports, so that the scheduler and readers know of it.");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public Optional<Verdict> judge(ContainerView container, NodeView node) {
        Optional<DeclaredPod> pod = container.pod();
        if (pod.isEmpty() || container.container().isEmpty() || !pod.get().hostNetwork()) {
            return Optional.empty();
        }
        Set<String> declared = container.container().map(DeclaredContainer::ports).orElse(List.of()).stream()
                .map(port -> port.hostPort().orElse(port.containerPort()) + "/" + port.protocol())
                .collect(Collectors.toCollection(TreeSet::new));
        Judgement judgement = new Judgement(
                DESCRIPTION,
                container,
                declared.isEmpty() ? "hostNetwork: true, no ports" : "ports " + String.join(", ", declared),
                List.copyOf(declared));
        Set<String> undeclared = new TreeSet<>();
        for (AttributedProcess process : container.settled().toList()) {
            Reading<List<ListeningSocket>> sockets = node.listening()
                    .getOrDefault(
                            process.process().key(),
                            new Reading.Absent<>(process.process().file("fd")));
            sockets.fold(
                    found -> {
                        for (ListeningSocket socket : found) {
                            String port = socket.port() + "/" + socket.protocol();
                            judgement.effective(
                                    port,
                                    process,
                                    "net/"
                                            + socket.source()
                                                    .substring(socket.source().lastIndexOf('/') + 1),
                                    () -> socket.address() + " port " + socket.port());
                            if (!declared.contains(port) && !isPassing(socket, node)) {
                                undeclared.add(port);
                                judgement.offends(
                                        process,
                                        "net/"
                                                + socket.source()
                                                        .substring(
                                                                socket.source().lastIndexOf('/') + 1),
                                        socket.address() + " port " + socket.port());
                            }
                        }
                        return true;
                    },
                    absent -> {
                        judgement.cannotTell(process, sockets);
                        return false;
                    },
                    unreadable -> {
                        judgement.cannotTell(process, sockets);
                        return false;
                    });
        }
        return Optional.of(
                judgement.isBroken()
                        ? judgement.violates(
                                Severity.LOW,
                                container.identity().words() + " listens on " + String.join(", ", undeclared)
                                        + " of the host",
                                Cause.NOT_EXPLAINED_BY_SPEC)
                        : judgement.conforms());
    }

    /** A client's UDP socket has a port of the ephemeral range and waits for its answers there: no service. */
    private static boolean isPassing(ListeningSocket socket, NodeView node) {
        return socket.protocol().equals("UDP")
                && node.facts()
                        .ephemeralPorts()
                        .observed()
                        .map(range -> range.contains(socket.port()))
                        .orElse(true);
    }
}
