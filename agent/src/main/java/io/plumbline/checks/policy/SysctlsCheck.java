package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredPod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A pod sets only sysctls that are its own: namespaced, and without effect on other pods of the node.
 *
 * <p><b>Restricted Fields:</b> {@code spec.securityContext.sysctls[*].name}
 *
 * <p><b>Allowed Values:</b> the names of {@link #ALLOWED} that the version has, written with dots
 */
final class SysctlsCheck implements PolicyCheck {

    private static final CheckDescription DESCRIPTION = PolicyDescription.of(
            "sysctls",
            PodSecurityLevel.BASELINE,
            "Sysctl beyond the safe ones",
            "A pod sets only sysctls that are its own: namespaced, and without effect on other pods of the node. Baseline, from v1.0; more names from v1.27, v1.29, v1.32 and v1.37.",
            "spec.securityContext.sysctls[*].name",
            "kernel.shm_rmid_forced, net.ipv4.ip_local_port_range, ip_unprivileged_port_start, ping_group_range, tcp_syncookies; v1.27 ip_local_reserved_ports; v1.29 tcp_fin_timeout, tcp_keepalive_intvl, tcp_keepalive_probes, tcp_keepalive_time; v1.32 tcp_rmem, tcp_wmem; v1.37 tcp_notsent_lowat, tcp_slow_start_after_idle",
            "Take the sysctl out, or let the node set it");

    @Override
    public CheckDescription description() {
        return DESCRIPTION;
    }

    @Override
    public PodSecurityLevel level() {
        return PodSecurityLevel.BASELINE;
    }

    @Override
    public List<Edition> editions() {
        return List.of(edition(0), edition(27), edition(29), edition(32), edition(37));
    }

    /** Every name with the version from which it is allowed. */
    private static final Map<String, Integer> ALLOWED = Map.ofEntries(
            Map.entry("kernel.shm_rmid_forced", 0),
            Map.entry("net.ipv4.ip_local_port_range", 0),
            Map.entry("net.ipv4.tcp_syncookies", 0),
            Map.entry("net.ipv4.ping_group_range", 0),
            Map.entry("net.ipv4.ip_unprivileged_port_start", 0),
            Map.entry("net.ipv4.ip_local_reserved_ports", 27),
            Map.entry("net.ipv4.tcp_keepalive_time", 29),
            Map.entry("net.ipv4.tcp_fin_timeout", 29),
            Map.entry("net.ipv4.tcp_keepalive_intvl", 29),
            Map.entry("net.ipv4.tcp_keepalive_probes", 29),
            Map.entry("net.ipv4.tcp_rmem", 32),
            Map.entry("net.ipv4.tcp_wmem", 32),
            Map.entry("net.ipv4.tcp_slow_start_after_idle", 37),
            Map.entry("net.ipv4.tcp_notsent_lowat", 37));

    private static Edition edition(int minor) {
        return Edition.since(minor, pod -> onlySafe(pod, minor));
    }

    private static Optional<String> onlySafe(DeclaredPod pod, int minor) {
        Offences offences = new Offences();
        for (String name : new TreeSet<>(pod.security().sysctls().keySet())) {
            Integer since = ALLOWED.get(name);
            if (since == null) {
                offences.plain("sysctl " + Offences.quoted(name) + " is not one of the safe ones");
            } else if (since > minor) {
                offences.plain("sysctl " + Offences.quoted(name) + " is allowed from v1." + since + " on");
            }
        }
        return offences.message("Take it out of spec.securityContext.sysctls");
    }
}
