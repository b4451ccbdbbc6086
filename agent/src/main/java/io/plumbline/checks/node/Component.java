package io.plumbline.checks.node;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.ContainerView;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds Kubernetes' own programs among the processes. A workload can call itself what it likes: it has to be root on the node, or to be
 * a container of the cluster's own namespace.
 */
final class Component {

    private static final String SYSTEM = "kube-system";

    private Component() {}

    /** The node's kubelets: one, except on a machine that carries several nodes. */
    static List<AttributedProcess> kubelets(List<AttributedProcess> others) {
        return ofHost(others, "kubelet").toList();
    }

    /** The API servers on this node; none on a worker. */
    static List<AttributedProcess> apiServers(NodeView node) {
        Stream<AttributedProcess> inPods = node.containers().stream()
                .filter(container -> isSystems(container, "kube-apiserver"))
                .flatMap(ContainerView::settled)
                .filter(process -> is(process, "kube-apiserver"));
        return Stream.concat(ofHost(node.others(), "kube-apiserver"), inPods).toList();
    }

    private static boolean isSystems(ContainerView container, String name) {
        return container.identity().namespace().equals(SYSTEM)
                && container.identity().container().filter(name::equals).isPresent();
    }

    private static Stream<AttributedProcess> ofHost(List<AttributedProcess> others, String name) {
        return others.stream()
                .filter(process -> process.attribution() instanceof Attribution.OfHost)
                .filter(process -> is(process, name))
                .filter(process -> process.process()
                        .credentials()
                        .observed()
                        .filter(credentials -> credentials.uids().effective() == 0)
                        .isPresent());
    }

    /** Asked of every process of the host, and true of next to none. */
    private static boolean is(AttributedProcess process, String name) {
        String path = program(process.process());
        if (!path.contains(name)) {
            return false;
        }
        String program = path.replace(" (deleted)", "");
        return program.substring(program.lastIndexOf('/') + 1).equals(name);
    }

    /** The path of the program; where the link cannot be read, what the process says. */
    private static String program(ProcessSnapshot process) {
        if (process.executable() instanceof Reading.Observed<String> executable) {
            return executable.value();
        }
        List<String> arguments = process.commandLine().arguments();
        return arguments.isEmpty() ? "" : arguments.get(0);
    }
}
