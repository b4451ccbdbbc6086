package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.KernelFiles;
import java.util.function.Consumer;

/**
 * The records of {@code /dev/kmsg} (Documentation/ABI/testing/dev-kmsg), each once: those that the kernel still has, and then those that it
 * writes later.
 */
final class KernelLog {

    private static final int LONGEST_RECORD = 8 << 10;
    private static final int CLOSED = -1;

    private final KernelFiles files;
    private final String path;
    private int descriptor = CLOSED;

    KernelLog(KernelFiles files, String path) {
        this.files = files;
        this.path = path;
    }

    /**
     * Reads on: one record with each read(2), EAGAIN at the end, EPIPE where the next one was overwritten.
     *
     * @param most records
     * @param gap called where records were overwritten before they were read
     * @return 1 at the end, for now; 0 if there may be more; or {@code -errno}
     */
    int read(long most, Consumer<String> records, Runnable gap) {
        if (descriptor < 0) {
            int opened = files.openToWait(KernelFiles.NOWHERE, path);
            if (opened < 0) {
                return opened;
            }
            descriptor = opened;
        }
        for (long taken = 0; taken < most; taken++) {
            int length = files.readOnce(descriptor, LONGEST_RECORD);
            if (length > 0) {
                records.accept(files.byteString(length));
            } else if (length == -Errno.EPIPE) {
                gap.run();
            } else {
                return length == 0 || length == -Errno.EAGAIN ? 1 : length;
            }
        }
        return 0;
    }

    /** From the beginning, the next time. */
    void close() {
        if (descriptor >= 0) {
            files.close(descriptor);
            descriptor = CLOSED;
        }
    }
}
