package io.plumbline.scan;

import io.plumbline.checks.SandboxedRuntimes;
import io.plumbline.model.ContainerView;
import io.plumbline.model.DeclaredPod;

/**
 * Containers whose processes are not the workload's: a sandboxed runtime (gVisor, Kata) runs a kernel of its own, and the host sees the
 * sentry or the virtual machine's monitor. Nothing that the host's kernel shows of those is the workload's.
 */
final class Opaque {

    private Opaque() {}

    /** A runtime class is declared, and what runs is a sandbox's program and nothing else. */
    static boolean isOpaque(ContainerView view) {
        return view.pod().flatMap(DeclaredPod::runtimeClassName).isPresent()
                && !view.processes().isEmpty()
                && view.processes().stream().allMatch(process -> SandboxedRuntimes.isProgram(process.process()));
    }
}
