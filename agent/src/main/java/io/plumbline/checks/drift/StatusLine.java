package io.plumbline.checks.drift;

import io.plumbline.model.Credentials;
import io.plumbline.model.Ids;
import java.util.stream.Collectors;

/** Lines of {@code /proc/<pid>/status} as the kernel prints them, see proc_pid_status(5). */
final class StatusLine {

    private StatusLine() {}

    static String uid(Credentials credentials) {
        return "Uid:\t" + all(credentials.uids());
    }

    static String gid(Credentials credentials) {
        return "Gid:\t" + all(credentials.gids());
    }

    private static String all(Ids ids) {
        return ids.real() + "\t" + ids.effective() + "\t" + ids.saved() + "\t" + ids.fileSystem();
    }

    static String groups(Credentials credentials) {
        return "Groups:\t" + credentials.groups().stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    static String bounding(Credentials credentials) {
        return "CapBnd:\t" + credentials.bounding();
    }
}
