package io.plumbline.scan;

import io.plumbline.model.Mount;
import io.plumbline.model.MountTable;
import io.plumbline.model.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What of the host's mount table can concern a container: a node mounts and unmounts something for each container that starts or ends, and
 * some runtimes for each command that is run in one.
 */
final class HostMounts {

    /** Where a runtime looks whether AppArmor is on. */
    private static final String APPARMOR = "/sys/kernel/security/apparmor";

    private static final MountTable NONE = new MountTable(List.of());

    private final Reading<MountTable> whole;
    private final Map<String, List<Mount>> byDevice = new HashMap<>();
    private final List<Mount> aboveAppArmor = new ArrayList<>();

    HostMounts(Reading<MountTable> whole) {
        this.whole = whole;
        Set<String> devicesDone = new HashSet<>();
        for (Mount mount : whole.observed().map(MountTable::mounts).orElse(List.of())) {
            if (isAt(mount, APPARMOR)) {
                aboveAppArmor.add(mount);
            }
            // The first mount that has a file says what the host calls it; that of a root directory has them all.
            if (!devicesDone.contains(mount.device())) {
                byDevice.computeIfAbsent(mount.device(), device -> new ArrayList<>())
                        .add(mount);
                if (mount.root().equals("/")) {
                    devicesDone.add(mount.device());
                }
            }
        }
    }

    private static boolean isAt(Mount mount, String path) {
        String at = mount.mountPoint();
        return at.equals("/") || path.equals(at) || path.startsWith(at + "/");
    }

    @SuppressWarnings("ReferenceEquality") // what was parsed from the same bytes is the same object
    boolean areOf(Reading<MountTable> table) {
        return whole == table || (whole.observed().isEmpty() && whole.equals(table));
    }

    /** What concerns a container with file systems of these devices. */
    List<Mount> of(Set<String> devices) {
        return Stream.concat(
                        aboveAppArmor.stream(),
                        devices.stream().sorted().flatMap(device -> byDevice.getOrDefault(device, List.of()).stream()))
                .distinct()
                .toList();
    }

    /** A table of nothing but these, if the host's was read. */
    Reading<MountTable> only(List<Mount> mounts) {
        return whole.map(any -> new MountTable(mounts));
    }

    /** Whether it was read, and if not why: an empty table for any. */
    Reading<MountTable> state() {
        return whole.map(any -> NONE);
    }
}
