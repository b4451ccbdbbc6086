package io.plumbline;

import com.sun.jna.Library;
import com.sun.jna.Native;
import java.util.concurrent.Callable;

/**
 * Runs a piece of a test as somebody who may not read everything, also where the tests run as root: setfsuid(2) changes the calling
 * thread alone, and takes the file system capabilities with it.
 */
public final class Unprivileged {

    private static final int NOBODY = 65534;

    private Unprivileged() {}

    /** Calls it as nobody where we are root, as ourselves elsewhere. */
    public static <T> T call(Callable<T> callable) throws Exception {
        FileSystemUser libc = Native.load("c", FileSystemUser.class);
        int group = libc.setfsgid(NOBODY);
        int user = libc.setfsuid(NOBODY);
        try {
            return callable.call();
        } finally {
            libc.setfsuid(user);
            libc.setfsgid(group);
        }
    }

    /** Both return the previous id, whether or not it changed. */
    interface FileSystemUser extends Library {
        int setfsuid(int uid);

        int setfsgid(int gid);
    }
}
