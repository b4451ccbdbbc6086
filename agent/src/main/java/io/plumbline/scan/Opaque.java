package io.plumbline.scan;

import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredPod;
import java.util.List;

/**
 * Containers whose processes are not the workload's: a sandboxed runtime (gVisor, Kata) runs a kernel of its own, and the host sees the
 * sentry or the virtual machine's monitor. Nothing that the host's kernel shows of those is the workload's.
 */
final class Opaque {

    private static final List<String> MONITORS =
            List.of("runsc", "qemu-system-", "cloud-hypervisor", "firecracker", "virtiofsd", "dragonball");

    private Opaque() {}

    /** A runtime class is declared, and what runs is a sandbox's program and nothing else. */
    static boolean isOpaque(ContainerView view) {
        return view.pod().flatMap(DeclaredPod::runtimeClassName).isPresent()
                && !view.processes().isEmpty()
                && view.processes().stream()
                        .allMatch(process -> process.process()
                                .executable()
                                .observed()
                                .map(exe -> exe.substring(exe.lastIndexOf('/') + 1))
                                .filter(exe -> MONITORS.stream().anyMatch(exe::startsWith))
                                .isPresent());
    }
}
