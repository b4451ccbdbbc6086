package io.plumbline.checks.drift;

import io.plumbline.checks.Check;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.Severity;
import java.util.List;

/** The list of all drift checks, in the order in which people read them. A new check is a class, a test, and a line here. */
public final class DriftChecks {

    private DriftChecks() {}

    public static List<Check> all() {
        return List.of(
                new CapabilitiesCheck(),
                new RootUserCheck(),
                new UserCheck(),
                new GroupsCheck(),
                new HostNamespaceCheck("host-pid", NamespaceType.PID, Severity.HIGH, "hostPID is true"),
                new HostNamespaceCheck("host-ipc", NamespaceType.IPC, Severity.HIGH, "hostIPC is true"),
                new HostNamespaceCheck("host-network", NamespaceType.NET, Severity.HIGH, "hostNetwork is true"),
                new HostNamespaceCheck("host-uts", NamespaceType.UTS, Severity.HIGH, "hostNetwork is true"),
                new HostNamespaceCheck(
                        "host-mount", NamespaceType.MNT, Severity.CRITICAL, "the runtime is still setting it up"),
                new HostNamespaceCheck("host-users", NamespaceType.USER, Severity.HIGH, "hostUsers is not false"),
                new ForeignNamespaceCheck(),
                new IntruderCheck(),
                new NoNewPrivilegesCheck(),
                new SeccompCheck(),
                new AppArmorCheck(),
                new SeLinuxCheck(),
                new RootFilesystemCheck(),
                new ProcMaskCheck(),
                new UndeclaredMountCheck(),
                new SecretVolumeCheck(),
                new ExecutableCheck(),
                new OrphanProcessCheck(),
                new UnmanagedContainerCheck(),
                new HostPortCheck(),
                new NestedUserNamespaceCheck());
    }
}
