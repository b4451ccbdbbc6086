package io.plumbline.cli;

import java.util.List;

/** What {@code doctor} looks at, and what it says to do where it is not well; docs/troubleshooting.md is made from this. */
enum DoctorPart {
    PROCESSES(
            "processes",
            "the processes of the node",
            "run as root on the node, or in a pod with hostPID: true; /proc not mounted with hidepid, and nothing mounted over a process in it"),
    CREDENTIALS("credentials", "their users, groups and capabilities", ""),
    NAMESPACES("namespaces", "their namespaces", Words.TRACE, Words.HIDDEN),
    PROGRAMS("programs", "the files that they run", Words.TRACE, Words.HIDDEN),
    MOUNTS("mounts", "their mounts", Words.TRACE, Words.HIDDEN),
    CAPABILITIES(
            "capabilities",
            "what the kernel lets this process do",
            "SYS_PTRACE and DAC_READ_SEARCH to see everything, SYS_ADMIN and NET_ADMIN for the kernel's events,"
                    + " MAC_ADMIN to load AppArmor profiles: securityContext: {capabilities: {add: %s}}"),
    LIBRARY(
            "native library",
            "the library that reads /proc faster",
            "build with gcc and make; without it scans take longer, and the kernel's events are not received"),
    ITERATOR(
            "task iterator",
            "whether the kernel tells which processes are new or changed",
            "needs Linux 5.8 or newer with BTF, hostPID: true, and BPF and PERFMON, or SYS_ADMIN, in the container's"
                    + " securityContext: {capabilities: {add: [...]}}; without it every scan asks /proc which processes have run"),
    EVENTS(
            "process events",
            "whether the kernel reports processes as they start and change",
            "without them, changes are seen only by scans"),
    BUNDLES("bundles", "what the container runtimes of the node were told", Words.capability("DAC_READ_SEARCH")),
    KUBELET("kubelet", "the pods of this node, from its kubelet", ""),
    APPARMOR(
            "apparmor",
            "the AppArmor profiles in the node's kernel",
            "mount the node's /sys/kernel/security into the pod (hostPath), and " + Words.capability("MAC_ADMIN"),
            "mount the node's /sys and /sys/kernel/security into the pod (hostPath), and name --host-root"),
    PARSER("apparmor_parser", "the program that compiles profiles", "apt-get install apparmor"),
    STATE(
            "state",
            "the directory for what should outlive the agent",
            "mount a hostPath there, or name another: plumbline serve --state-dir DIR",
            "name one: plumbline serve --state-dir DIR");

    private final String word;
    private final String about;
    private final String remedy;
    private final String otherRemedy;

    /** @param remedy empty where what is said of the cause has it all */
    DoctorPart(String word, String about, String remedy) {
        this(word, about, remedy, remedy);
    }

    /** @param otherRemedy for a rarer cause */
    DoctorPart(String word, String about, String remedy, String otherRemedy) {
        this.word = word;
        this.about = about;
        this.remedy = remedy;
        this.otherRemedy = otherRemedy;
    }

    /** As it stands in the output. */
    String word() {
        return word;
    }

    /** What is looked at. */
    String about() {
        return about;
    }

    /** What is usually to be done. */
    String remedy() {
        return remedy;
    }

    /** What is to be done in the rarer case; the usual one where there is one alone. */
    String otherRemedy() {
        return otherRemedy;
    }

    /** All that it may take, the usual one first. */
    List<String> remedies() {
        return remedy.equals(otherRemedy) ? List.of(remedy) : List.of(remedy, otherRemedy);
    }

    /** An enum's constants are made before its own static fields. */
    private static final class Words {
        static final String HIDDEN =
                "SYS_PTRACE is held; a security module or a sandbox protects these processes, and what it hides stays undetermined";
        static final String TRACE = capability("SYS_PTRACE");

        static String capability(String name) {
            return "run as root, or add to the container: securityContext: {capabilities: {add: [" + name + "]}}";
        }
    }
}
