package io.plumbline.http;

import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Finding;
import io.plumbline.model.ScanReport;
import io.plumbline.model.ScanReport.ContainerReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The containers of a report, by pod. */
final class Pods {

    /** What stands for a namespace in a path where there is none. */
    private static final String NO_NAMESPACE = "-";

    private Pods() {}

    /** All of them, by name; one that the kubelet made again under the same name is one of its own. */
    static List<PodOnNode> of(ScanReport report) {
        Map<Key, List<ContainerReport>> pods = new LinkedHashMap<>();
        for (ContainerReport container : report.containers()) {
            pods.computeIfAbsent(Key.of(container.view().identity()), key -> new ArrayList<>())
                    .add(container);
        }
        return pods.entrySet().stream()
                .map(pod -> new PodOnNode(
                        pod.getKey().namespace(),
                        pod.getKey().name(),
                        pod.getKey().uid(),
                        workload(pod.getValue()),
                        pod.getValue()))
                .toList();
    }

    private static String workload(List<ContainerReport> containers) {
        return containers.stream()
                .flatMap(container -> container.view().pod().map(DeclaredPod::workload).stream())
                .findFirst()
                .orElse("");
    }

    /** The findings about it. */
    static List<Finding> findings(PodOnNode pod, ScanReport report) {
        return report.findings().stream()
                .filter(finding -> Key.of(finding.container()).equals(new Key(pod.namespace(), pod.name(), pod.uid())))
                .toList();
    }

    /** A container without a pod goes under its own name: a machine without Kubernetes has only those. */
    private record Key(String namespace, String name, String uid) {
        static Key of(ContainerIdentity identity) {
            String namespace = identity.namespace().isEmpty() ? NO_NAMESPACE : identity.namespace();
            return identity.pod().isEmpty()
                    ? new Key(namespace, identity.containerId(), identity.podUid())
                    : new Key(namespace, identity.pod(), identity.podUid());
        }
    }

    /**
     * A pod, or a container without one.
     *
     * @param name the container's id where there is no pod
     * @param uid empty text where there is no pod
     * @param workload the pod's owner; empty text where the kubelet names none
     */
    record PodOnNode(String namespace, String name, String uid, String workload, List<ContainerReport> containers) {
        PodOnNode {
            containers = List.copyOf(containers);
        }
    }
}
