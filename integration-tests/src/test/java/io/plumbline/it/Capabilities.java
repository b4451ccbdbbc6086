package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The capabilities that containerd's CRI plugin gives a container. See capabilities(7). */
final class Capabilities {
    /** In the order of their numbers in {@code linux/capability.h}. */
    private static final List<String> ALL = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "DAC_READ_SEARCH",
            "FOWNER",
            "FSETID",
            "KILL",
            "SETGID",
            "SETUID",
            "SETPCAP",
            "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE",
            "NET_BROADCAST",
            "NET_ADMIN",
            "NET_RAW",
            "IPC_LOCK",
            "IPC_OWNER",
            "SYS_MODULE",
            "SYS_RAWIO",
            "SYS_CHROOT",
            "SYS_PTRACE",
            "SYS_PACCT",
            "SYS_ADMIN",
            "SYS_BOOT",
            "SYS_NICE",
            "SYS_RESOURCE",
            "SYS_TIME",
            "SYS_TTY_CONFIG",
            "MKNOD",
            "LEASE",
            "AUDIT_WRITE",
            "AUDIT_CONTROL",
            "SETFCAP",
            "MAC_OVERRIDE",
            "MAC_ADMIN",
            "SYSLOG",
            "WAKE_ALARM",
            "BLOCK_SUSPEND",
            "AUDIT_READ",
            "PERFMON",
            "BPF",
            "CHECKPOINT_RESTORE");

    /** containerd's {@code defaultUnixCaps}, {@code pkg/oci/spec.go}. */
    private static final List<String> DEFAULT = List.of(
            "CHOWN",
            "DAC_OVERRIDE",
            "FSETID",
            "FOWNER",
            "MKNOD",
            "NET_RAW",
            "SETGID",
            "SETUID",
            "SETFCAP",
            "SETPCAP",
            "NET_BIND_SERVICE",
            "SYS_CHROOT",
            "KILL",
            "AUDIT_WRITE");

    private Capabilities() {}

    /** Names with {@code CAP_}, as an OCI bundle has them. */
    static List<String> of(JsonNode securityContext) {
        if (securityContext.path("privileged").asBoolean(false)) {
            return named(daemon());
        }
        JsonNode capabilities = securityContext.path("capabilities");
        Set<String> set = new LinkedHashSet<>(DEFAULT);
        if (has(capabilities.path("add"), "ALL")) {
            set.addAll(daemon());
        }
        if (has(capabilities.path("drop"), "ALL")) {
            set.clear();
        }
        capabilities.path("add").forEach(name -> set.add(plain(name)));
        capabilities.path("drop").forEach(name -> set.remove(plain(name)));
        set.remove("ALL");
        return named(set);
    }

    /** What this very process may give: a node's daemon may lack some, and gives a privileged container what it has. */
    static List<String> daemon() {
        long bounding = Long.parseUnsignedLong(new Proc(ProcessHandle.current().pid()).status("CapBnd"), 16);
        var held = new ArrayList<String>();
        for (int number = 0; number < ALL.size(); number++) {
            if ((bounding >> number & 1) == 1) {
                held.add(ALL.get(number));
            }
        }
        return held;
    }

    /** The bit mask that {@code /proc/<pid>/status} shows for names with {@code CAP_}. */
    static String mask(Iterable<String> names) {
        long mask = 0;
        for (String name : names) {
            mask |= 1L << ALL.indexOf(name.substring("CAP_".length()));
        }
        return "%016x".formatted(mask);
    }

    private static boolean has(JsonNode names, String wanted) {
        for (JsonNode name : names) {
            if (plain(name).equals(wanted)) {
                return true;
            }
        }
        return false;
    }

    private static String plain(JsonNode name) {
        String upper = name.asText().toUpperCase(Locale.ROOT);
        return upper.startsWith("CAP_") ? upper.substring("CAP_".length()) : upper;
    }

    private static List<String> named(Iterable<String> names) {
        var named = new ArrayList<String>();
        names.forEach(name -> named.add("CAP_" + name));
        return named;
    }
}
