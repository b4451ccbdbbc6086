package io.plumbline.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What holds for the whole node at the time of a snapshot.
 *
 * @param takenAt when the snapshot was taken: boot time plus uptime where both were read, else the reader's clock; 1970 for a captured
 *     tree without them
 * @param kernelRelease as uname(2) gives it; empty where it could not be read
 * @param bootTime {@code btime} of {@code /proc/stat}
 * @param uptime first number of {@code /proc/uptime}
 * @param ticksPerSecond the unit of start times, sysconf(_SC_CLK_TCK)
 * @param lastCapability {@code /proc/sys/kernel/cap_last_cap}
 * @param hostNamespaces the namespaces that the node's own processes are in
 * @param capabilityCeiling all that a privileged container can get: the bounding set of the runtime's daemon, else of pid 1
 * @param appArmor is AppArmor enforced by this kernel
 * @param appArmorShown what showed that it is off, word for word; empty where it is on or nobody can tell
 * @param appArmorProfiles loaded profiles with their mode, by name
 * @param seLinux does SELinux label processes here, enforcing or permissive
 * @param hostMounts the mount table of the node's own mount namespace
 * @param ephemeralPorts first and last of {@code ip_local_port_range} in the reader's network namespace
 * @param maskablePaths which of the paths that runtimes mask or make read-only exist on this node
 * @param nodeBase cgroup of the node's own init, without {@code init.scope}: {@code /} except on a node that is itself a container
 * @param reader who looked
 */
public record NodeFacts(
        Instant takenAt,
        String kernelRelease,
        Reading<Instant> bootTime,
        Reading<Duration> uptime,
        long ticksPerSecond,
        Reading<Integer> lastCapability,
        Map<NamespaceType, Reading<Long>> hostNamespaces,
        Reading<CapabilitySet> capabilityCeiling,
        CgroupLayout cgroupLayout,
        Reading<Boolean> appArmor,
        List<Evidence> appArmorShown,
        Reading<Map<String, String>> appArmorProfiles,
        Reading<Boolean> seLinux,
        Reading<MountTable> hostMounts,
        Reading<PortRange> ephemeralPorts,
        Set<String> maskablePaths,
        String nodeBase,
        Reader reader) {

    public NodeFacts {
        hostNamespaces = Map.copyOf(hostNamespaces);
        appArmorShown = List.copyOf(appArmorShown);
        maskablePaths = Set.copyOf(maskablePaths);
    }

    /** How cgroups are mounted on the node. */
    public enum CgroupLayout {
        V1,
        HYBRID,
        V2,
        UNKNOWN
    }

    /** Ports from the first to the last, both included. */
    public record PortRange(int first, int last) {
        public boolean contains(int port) {
            return port >= first && port <= last;
        }
    }

    /**
     * The process that looked, because what it could not see depends on it.
     *
     * @param pid 0 where the tree is not a live {@code /proc}, or not of a pid namespace that the reader is in; of a captured tree uid and
     *     capabilities mean nothing: 0 and none
     * @param uid effective user id
     * @param effective its capabilities
     * @param backend how {@code /proc} was read, and why not better: {@code native} or {@code java: libplumbline.so not found}
     */
    public record Reader(int pid, long uid, CapabilitySet effective, String backend) {

        /** The same, looking in another way. */
        public Reader by(String other) {
            return new Reader(pid, uid, effective, other);
        }

        /**
         * How, without the reason: {@code iterator} where the kernel shows which processes changed, {@code native} where the C library
         * reads those that have run, {@code java} where all are read each time.
         */
        public String way() {
            int colon = backend.indexOf(':');
            return colon < 0 ? backend : backend.substring(0, colon);
        }
    }

    /**
     * Can a runtime of this node see that AppArmor is on? All of them look into securityfs, and a node that is itself a container (kind,
     * k3d) has none: what its kernel enforces, they do not know.
     */
    public boolean showsAppArmor() {
        return hostMounts
                .observed()
                .flatMap(table -> table.covering("/sys/kernel/security/apparmor"))
                .map(mount -> mount.fileSystemType().equals("securityfs"))
                .orElse(true);
    }

    /** The host's inode of one kind of namespace. */
    public Reading<Long> hostNamespace(NamespaceType type) {
        Reading<Long> reading = hostNamespaces.get(type);
        return reading == null ? new Reading.Absent<>("/proc/1/ns/" + type.link()) : reading;
    }

    /** The same node a moment later. */
    public NodeFacts at(Instant later, Reading<Duration> laterUptime, Reading<MountTable> laterMounts) {
        return at(later, laterUptime, laterMounts, appArmor, appArmorShown, appArmorProfiles, reader);
    }

    /** The same node a moment later, of which AppArmor and the reader are not as they were. */
    public NodeFacts at(
            Instant later,
            Reading<Duration> laterUptime,
            Reading<MountTable> laterMounts,
            Reading<Boolean> laterAppArmor,
            List<Evidence> laterShown,
            Reading<Map<String, String>> laterProfiles,
            Reader laterReader) {
        return new NodeFacts(
                later,
                kernelRelease,
                bootTime,
                laterUptime,
                ticksPerSecond,
                lastCapability,
                hostNamespaces,
                capabilityCeiling,
                cgroupLayout,
                laterAppArmor,
                laterShown,
                laterProfiles,
                seLinux,
                laterMounts,
                ephemeralPorts,
                maskablePaths,
                nodeBase,
                laterReader);
    }

    /** What changes neither by time alone nor by a mount: at no time, and without the host's mounts. */
    public NodeFacts lasting() {
        return at(Instant.EPOCH, new Reading.Absent<>("/proc/uptime"), new Reading.Absent<>("/proc/1/mountinfo"));
    }

    /** When a process started, where the node's boot time could be read. */
    public Optional<Instant> startOf(ProcessKey key) {
        return bootTime.observed()
                .map(boot -> boot.plusMillis(Math.floorDiv(key.startTicks() * 1000L, ticksPerSecond)));
    }

    /** How long a process has been alive, where the node's uptime could be read. */
    public Optional<Duration> ageOf(ProcessKey key) {
        return uptime.observed().map(up -> up.minusMillis(Math.floorDiv(key.startTicks() * 1000L, ticksPerSecond)));
    }
}
