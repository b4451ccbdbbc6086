package io.plumbline.checks.policy;

import java.util.List;

/**
 * The list of all checks of the Pod Security Standards, baseline's first, each level's in the order of their ids. A new check is a
 * class, a test, and a line here.
 */
public final class PolicyChecks {

    private PolicyChecks() {}

    public static List<PolicyCheck> all() {
        return List.of(
                new AppArmorProfileCheck(),
                new CapabilitiesBaselineCheck(),
                new HostNamespacesCheck(),
                new HostPathVolumesCheck(),
                new HostPortsCheck(),
                new HostProbesAndHostLifecycleCheck(),
                new PrivilegedCheck(),
                new ProcMountCheck(),
                new SeLinuxOptionsCheck(),
                new SeccompProfileBaselineCheck(),
                new SysctlsCheck(),
                new WindowsHostProcessCheck(),
                new AllowPrivilegeEscalationCheck(),
                new CapabilitiesRestrictedCheck(),
                new ProcMountRestrictedCheck(),
                new RestrictedVolumesCheck(),
                new RunAsNonRootCheck(),
                new RunAsUserCheck(),
                new SeccompProfileRestrictedCheck());
    }
}
