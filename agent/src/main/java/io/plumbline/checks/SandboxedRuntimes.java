package io.plumbline.checks;

import io.plumbline.model.ProcessSnapshot;
import java.util.List;

/**
 * Runtimes that give a pod a kernel of its own (gVisor, Kata): the host sees their programs in the pod's cgroups, and no process of the
 * workload.
 */
public final class SandboxedRuntimes {

    private static final List<String> PROGRAMS = List.of(
            "runsc",
            "containerd-shim-runsc",
            "containerd-shim-kata",
            "qemu-system-",
            "qemu-kvm", // of Red Hat's distributions
            "qemu-kiwi",
            "stratovirt",
            "cloud-hypervisor",
            "firecracker",
            "virtiofsd",
            "dragonball");

    private SandboxedRuntimes() {}

    /** Does this process run such a program? Anybody may call his so: it excuses only pods that declare a runtime class. */
    public static boolean isProgram(ProcessSnapshot process) {
        return process.executable()
                .observed()
                .map(exe -> exe.substring(exe.lastIndexOf('/') + 1))
                .filter(exe -> PROGRAMS.stream().anyMatch(exe::startsWith))
                .isPresent();
    }
}
