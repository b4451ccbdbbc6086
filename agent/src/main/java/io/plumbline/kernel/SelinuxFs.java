package io.plumbline.kernel;

import io.plumbline.model.Reading;

/** {@code /sys/fs/selinux/enforce}: there where SELinux labels processes, whether it enforces (1) or only reports (0). */
final class SelinuxFs {

    private static final String SYSFS = "/sys/fs";
    private static final String DIRECTORY = SYSFS + "/selinux";
    private static final String ENFORCE = "/sys/fs/selinux/enforce";

    private SelinuxFs() {}

    static Reading<Boolean> enabled(HostRoot host) {
        Reading<Content> enforce = host.file(ENFORCE);
        if (!(enforce instanceof Reading.Absent<Content>)) {
            return enforce.map(content -> true);
        }
        // Where it is built in its directory is in sysfs, mounted on or not; without sysfs there is nothing to see.
        return host.exists(SYSFS) && !host.exists(DIRECTORY)
                ? Reading.of(false)
                : new Reading.Unreadable<>(
                        ENFORCE,
                        "ENOENT: " + (host.exists(SYSFS) ? "selinuxfs" : "sysfs")
                                + " is not mounted below the host's root");
    }
}
