package io.plumbline.checks.rules;

import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ContainerView;
import io.plumbline.model.Credentials;
import io.plumbline.model.NamespaceSet;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import io.plumbline.model.ThreadSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a rule is asked about: a container, and where the rule names a process, one task of it.
 *
 * @param task empty for a rule on the container as such
 */
record Subject(ContainerView container, NodeView node, Optional<Task> task) {

    /**
     * A process, or a thread of it that is not as its leader.
     *
     * @param file of the credentials, below {@code /proc/<pid>}
     */
    record Task(AttributedProcess process, Reading<Credentials> credentials, NamespaceSet namespaces, String file) {

        String source() {
            return process.process().file(file);
        }
    }

    /** Every settled process of the container, and every thread of them that differs. */
    static List<Subject> tasks(ContainerView container, NodeView node) {
        List<Subject> all = new ArrayList<>();
        for (AttributedProcess process : container.settled().toList()) {
            all.add(of(
                    container,
                    node,
                    new Task(
                            process,
                            process.process().credentials(),
                            process.process().namespaces(),
                            "status")));
            for (ThreadSnapshot thread : process.process().threads().observed().orElse(List.of())) {
                all.add(of(
                        container,
                        node,
                        new Task(
                                process,
                                Reading.of(thread.credentials()),
                                thread.namespaces(),
                                thread.file("status"))));
            }
        }
        return all;
    }

    private static Subject of(ContainerView container, NodeView node, Task task) {
        return new Subject(container, node, Optional.of(task));
    }
}
