package io.plumbline.it;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** A pod that runs on a {@link Node}: its sandbox and its containers by name. */
record Running(Pod pod, Container sandbox, Map<String, Container> containers) {
    Running {
        containers = Map.copyOf(containers);
    }

    /** A started container: its id, the cgroup that its id stands in, its first process and what the runtime was told. */
    record Container(String name, String id, String cgroup, long pid, ObjectNode config) {
        Proc process() {
            return new Proc(pid);
        }
    }

    /** The only container, or the one that is called main. */
    Container main() {
        return containers.size() == 1 ? containers.values().iterator().next() : container("main");
    }

    Container container(String name) {
        Container container = containers.get(name);
        if (container == null) {
            throw new IllegalArgumentException("no container " + name + " in " + pod.name());
        }
        return container;
    }

    /** The sandbox too. */
    List<Container> all() {
        return java.util.stream.Stream.concat(java.util.stream.Stream.of(sandbox), containers.values().stream())
                .toList();
    }
}
