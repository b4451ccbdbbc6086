package io.plumbline.kernel;

import io.plumbline.model.Reading;

/** {@code /sys/fs/selinux/enforce}: there where SELinux labels processes, whether it enforces (1) or only reports (0). */
final class SelinuxFs {

    private static final String ENFORCE = "/sys/fs/selinux/enforce";

    private SelinuxFs() {}

    static Reading<Boolean> enabled(HostRoot host) {
        Reading<Content> enforce = host.file(ENFORCE);
        return enforce instanceof Reading.Absent<Content> ? Reading.of(false) : enforce.map(content -> true);
    }
}
