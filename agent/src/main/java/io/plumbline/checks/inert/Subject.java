package io.plumbline.checks.inert;

import io.plumbline.model.AskedAppArmor;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.ClusterFacts.Versions;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredContainer.Status;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.OciBundle;
import java.util.List;
import java.util.Optional;

/**
 * A container of a pod, whether it runs or not.
 *
 * @param view its processes; empty where none runs
 * @param node what it runs on
 */
record Subject(DeclaredPod pod, DeclaredContainer container, Optional<ContainerView> view, Circumstances node) {

    ContainerSecurity security() {
        return container.security();
    }

    boolean isPrivileged() {
        return security().privileged().orElse(false);
    }

    /** The AppArmor profile that the kubelet asks for. */
    Optional<AskedAppArmor> appArmor() {
        return AskedAppArmor.of(pod, container);
    }

    /** What the runtime was told, where that can be read. */
    Optional<OciBundle> granted() {
        return view.flatMap(running -> running.granted().observed());
    }

    /** {@code containerd}, {@code cri-o}, {@code docker}; empty text while nothing has been started. */
    String runtime() {
        return view.map(running -> running.identity().runtime())
                .filter(name -> !name.isEmpty())
                .or(() -> container.status().flatMap(Status::runtime))
                .orElse("");
    }

    /** The runtime with its version as far as it is known. */
    String runtimeWords() {
        String name = runtime().isEmpty() ? "the runtime" : runtime();
        return node.cluster()
                .node()
                .observed()
                .flatMap(Versions::runtimeVersion)
                .map(version -> name + " " + version)
                .orElse(name);
    }

    /** The kubelet's version as far as it is known: {@code v1.32.2}. */
    Optional<String> kubelet() {
        return node.cluster().node().observed().map(Versions::kubelet).filter(version -> !version.isEmpty());
    }

    /** The container's own processes that say what holds; not those that somebody put into it. */
    List<AttributedProcess> processes() {
        return view.stream()
                .flatMap(ContainerView::settled)
                .filter(process -> !process.viaExec())
                .toList();
    }

    /** The host sees a sandbox's program and not the workload's: gVisor, Kata. */
    boolean mayBeSandboxed() {
        return pod.runtimeClassName().isPresent();
    }
}
