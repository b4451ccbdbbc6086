package io.plumbline.checks;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.ContainerView;
import io.plumbline.model.NodeView;
import io.plumbline.model.ProcessSnapshot;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds Kubernetes' own programs among the processes. A workload can call itself what it likes: it has to be root on the node, or to be
 * a container of the cluster's own namespace.
 */
public final class Component {

    private static final String SYSTEM = "kube-system";
    private static final String DELETED = " (deleted)";

    private Component() {}

    /** The node's kubelets: one, except on a machine that carries several nodes. */
    public static List<AttributedProcess> kubelets(List<AttributedProcess> others) {
        return ofHost(others, "kubelet");
    }

    /** The API servers on this node; none on a worker. */
    public static List<AttributedProcess> apiServers(NodeView node) {
        List<AttributedProcess> servers = ofHost(node.others(), "kube-apiserver");
        for (ContainerView container : node.containers()) {
            if (isSystems(container, "kube-apiserver")) {
                container
                        .settled()
                        .filter(process -> is(process, "kube-apiserver"))
                        .forEach(servers::add);
            }
        }
        return servers;
    }

    private static boolean isSystems(ContainerView container, String name) {
        return container.identity().namespace().equals(SYSTEM)
                && container.identity().container().filter(name::equals).isPresent();
    }

    private static List<AttributedProcess> ofHost(List<AttributedProcess> others, String name) {
        List<AttributedProcess> found = new ArrayList<>();
        for (AttributedProcess process : others) {
            if (process.attribution() instanceof Attribution.OfHost && is(process, name) && isRoot(process.process())) {
                found.add(process);
            }
        }
        return found;
    }

    private static boolean isRoot(ProcessSnapshot process) {
        return process.credentials()
                .observed()
                .filter(credentials -> credentials.uids().effective() == 0)
                .isPresent();
    }

    /** Asked of every process of the host, and true of next to none. */
    private static boolean is(AttributedProcess process, String name) {
        String path = program(process.process());
        if (!path.endsWith(name) && !path.endsWith(DELETED)) {
            return false;
        }
        String program = path.replace(DELETED, "");
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
