package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class SysctlsCheckTest {

    @TestFactory
    Stream<DynamicTest> safeOnesGrowWithTheVersions() {
        return Cases.of("sysctls", "Take it out of spec.securityContext.sysctls")
                .in("v1.0")
                .allows("none", "spec: {containers: [{name: a}]}")
                .allows(
                        "the safe ones",
                        "spec: {securityContext: {sysctls: [{name: \"kernel.shm_rmid_forced\", value: \"1\"}, {name: \"net.ipv4.ip_local_port_range\", value: \"1\"}, {name: \"net.ipv4.tcp_syncookies\", value: \"1\"}, {name: \"net.ipv4.ping_group_range\", value: \"1\"}, {name: \"net.ipv4.ip_unprivileged_port_start\", value: \"1\"}]}, containers: [{name: a}]}")
                .forbids(
                        "another one",
                        "spec: {securityContext: {sysctls: [{name: \"kernel.msgmax\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"kernel.msgmax\" is not one of the safe ones")
                .forbids(
                        "a safe one spelled with slashes",
                        "spec: {securityContext: {sysctls: [{name: \"net/ipv4/tcp_syncookies\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net/ipv4/tcp_syncookies\" is not one of the safe ones")
                .forbids(
                        "one without a name",
                        "spec: {securityContext: {sysctls: [{value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"\" is not one of the safe ones")
                .forbids(
                        "several",
                        "spec: {securityContext: {sysctls: [{name: \"b\", value: \"1\"}, {name: \"net.ipv4.tcp_syncookies\", value: \"1\"}, {name: \"a\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"a\" is not one of the safe ones; sysctl \"b\" is not one of the safe ones")
                .in("v1.26")
                .forbids(
                        "net.ipv4.ip_local_reserved_ports",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.ip_local_reserved_ports\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.ip_local_reserved_ports\" is allowed from v1.27 on")
                .in("v1.27")
                .allows(
                        "net.ipv4.ip_local_reserved_ports",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.ip_local_reserved_ports\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "the older ones",
                        "spec: {securityContext: {sysctls: [{name: \"kernel.shm_rmid_forced\", value: \"1\"}, {name: \"net.ipv4.ip_local_port_range\", value: \"1\"}, {name: \"net.ipv4.tcp_syncookies\", value: \"1\"}, {name: \"net.ipv4.ping_group_range\", value: \"1\"}, {name: \"net.ipv4.ip_unprivileged_port_start\", value: \"1\"}]}, containers: [{name: a}]}")
                .in("v1.28")
                .forbids(
                        "net.ipv4.tcp_keepalive_time",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_keepalive_time\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_keepalive_time\" is allowed from v1.29 on")
                .forbids(
                        "net.ipv4.tcp_fin_timeout",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_fin_timeout\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_fin_timeout\" is allowed from v1.29 on")
                .forbids(
                        "net.ipv4.tcp_keepalive_intvl",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_keepalive_intvl\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_keepalive_intvl\" is allowed from v1.29 on")
                .forbids(
                        "net.ipv4.tcp_keepalive_probes",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_keepalive_probes\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_keepalive_probes\" is allowed from v1.29 on")
                .in("v1.29")
                .allows(
                        "net.ipv4.tcp_keepalive_time",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_keepalive_time\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "net.ipv4.tcp_fin_timeout",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_fin_timeout\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "net.ipv4.tcp_keepalive_intvl",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_keepalive_intvl\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "net.ipv4.tcp_keepalive_probes",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_keepalive_probes\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "the older ones",
                        "spec: {securityContext: {sysctls: [{name: \"kernel.shm_rmid_forced\", value: \"1\"}, {name: \"net.ipv4.ip_local_port_range\", value: \"1\"}, {name: \"net.ipv4.tcp_syncookies\", value: \"1\"}, {name: \"net.ipv4.ping_group_range\", value: \"1\"}, {name: \"net.ipv4.ip_unprivileged_port_start\", value: \"1\"}, {name: \"net.ipv4.ip_local_reserved_ports\", value: \"1\"}]}, containers: [{name: a}]}")
                .in("v1.31")
                .forbids(
                        "net.ipv4.tcp_rmem",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_rmem\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_rmem\" is allowed from v1.32 on")
                .forbids(
                        "net.ipv4.tcp_wmem",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_wmem\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_wmem\" is allowed from v1.32 on")
                .in("v1.32")
                .allows(
                        "net.ipv4.tcp_rmem",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_rmem\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "net.ipv4.tcp_wmem",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_wmem\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "the older ones",
                        "spec: {securityContext: {sysctls: [{name: \"kernel.shm_rmid_forced\", value: \"1\"}, {name: \"net.ipv4.ip_local_port_range\", value: \"1\"}, {name: \"net.ipv4.tcp_syncookies\", value: \"1\"}, {name: \"net.ipv4.ping_group_range\", value: \"1\"}, {name: \"net.ipv4.ip_unprivileged_port_start\", value: \"1\"}, {name: \"net.ipv4.ip_local_reserved_ports\", value: \"1\"}, {name: \"net.ipv4.tcp_keepalive_time\", value: \"1\"}, {name: \"net.ipv4.tcp_fin_timeout\", value: \"1\"}, {name: \"net.ipv4.tcp_keepalive_intvl\", value: \"1\"}, {name: \"net.ipv4.tcp_keepalive_probes\", value: \"1\"}]}, containers: [{name: a}]}")
                .in("v1.36")
                .forbids(
                        "net.ipv4.tcp_slow_start_after_idle",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_slow_start_after_idle\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_slow_start_after_idle\" is allowed from v1.37 on")
                .forbids(
                        "net.ipv4.tcp_notsent_lowat",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_notsent_lowat\", value: \"1\"}]}, containers: [{name: a}]}",
                        "sysctl \"net.ipv4.tcp_notsent_lowat\" is allowed from v1.37 on")
                .in("v1.37")
                .allows(
                        "net.ipv4.tcp_slow_start_after_idle",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_slow_start_after_idle\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "net.ipv4.tcp_notsent_lowat",
                        "spec: {securityContext: {sysctls: [{name: \"net.ipv4.tcp_notsent_lowat\", value: \"1\"}]}, containers: [{name: a}]}")
                .allows(
                        "the older ones",
                        "spec: {securityContext: {sysctls: [{name: \"kernel.shm_rmid_forced\", value: \"1\"}, {name: \"net.ipv4.ip_local_port_range\", value: \"1\"}, {name: \"net.ipv4.tcp_syncookies\", value: \"1\"}, {name: \"net.ipv4.ping_group_range\", value: \"1\"}, {name: \"net.ipv4.ip_unprivileged_port_start\", value: \"1\"}, {name: \"net.ipv4.ip_local_reserved_ports\", value: \"1\"}, {name: \"net.ipv4.tcp_keepalive_time\", value: \"1\"}, {name: \"net.ipv4.tcp_fin_timeout\", value: \"1\"}, {name: \"net.ipv4.tcp_keepalive_intvl\", value: \"1\"}, {name: \"net.ipv4.tcp_keepalive_probes\", value: \"1\"}, {name: \"net.ipv4.tcp_rmem\", value: \"1\"}, {name: \"net.ipv4.tcp_wmem\", value: \"1\"}]}, containers: [{name: a}]}")
                .stream();
    }
}
