package io.plumbline;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Rights belong to threads (capset(2), unshare(2)): work in a thread that gives up its own leaves the others what they have. */
public final class ThreadRights {

    private static final int CAPABILITY_VERSION_3 = 0x20080522;

    private ThreadRights() {}

    /** What the work gives in a thread of its own, which ends with it. */
    public static <T> T inThread(Callable<T> work) throws Exception {
        FutureTask<T> task = new FutureTask<>(work);
        new Thread(task).start();
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception inner ? inner : e;
        }
    }

    /** What the work gives where it has no capabilities: even root may read only what its user may. */
    public static <T> T withoutCapabilities(Callable<T> work) throws Exception {
        return inThread(() -> {
            giveUpCapabilities();
            return work.call();
        });
    }

    /** Of the calling thread. */
    public static void giveUpCapabilities() {
        try (Memory header = new Memory(8);
                Memory none = new Memory(24)) {
            header.setInt(0, CAPABILITY_VERSION_3);
            header.setInt(4, 0);
            none.clear();
            assertThat(NativeLibrary.getInstance("c").getFunction("capset").invokeInt(new Object[] {header, none}))
                    .isZero();
        }
    }
}
