package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.AppArmorLabel;
import io.plumbline.model.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which AppArmor profiles have a thread under them, by {@code /proc/<pid>/task/<tid>/attr/apparmor/current}. Each thread, because one alone
 * may have changed its hat.
 */
public final class LiveLabels {

    private static final int LONGEST_LABEL = 64 << 10;

    private final KernelFiles files = new KernelFiles();
    private final String proc;

    /** @param proc the node's {@code /proc} */
    public LiveLabels(Path proc) {
        this.proc = KernelFiles.byteString(proc);
    }

    /**
     * The parts of all labels with the pids of their processes.
     *
     * @return unreadable if anything could not be looked at: whoever is not seen may be under any profile
     */
    public Reading<Map<String, List<Integer>>> read() {
        if (!seesTheNode()) {
            return new Reading.Unreadable<>(
                    "/proc", "shows the processes of a container, not the node's (hostPID, or --proc)");
        }
        List<String> names = new ArrayList<>();
        int error = files.list(KernelFiles.NOWHERE, proc, names);
        if (error < 0) {
            return ProcTree.failed("/proc", error);
        }
        Map<String, List<Integer>> used = new TreeMap<>();
        for (String name : names) {
            if (!name.isEmpty() && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
                int result = process(name, used);
                if (result < 0) {
                    return ProcTree.failed("/proc/" + name + "/task/*/attr/apparmor/current", result);
                }
            }
        }
        return Reading.of(used);
    }

    /** Only the kernel's own process list has its thread that makes threads, and always as number 2. */
    private boolean seesTheNode() {
        int length = files.readRecord(KernelFiles.NOWHERE, proc + "/2/comm", 64);
        return length > 0 && files.byteString(length).equals("kthreadd\n");
    }

    private int process(String pid, Map<String, List<Integer>> used) {
        List<String> threads = new ArrayList<>();
        int error = files.list(KernelFiles.NOWHERE, proc + "/" + pid + "/task", threads);
        if (error < 0) {
            return hasEnded(error) ? 0 : error;
        }
        for (String thread : threads) {
            int length = files.readRecord(
                    KernelFiles.NOWHERE,
                    proc + "/" + pid + "/task/" + thread + "/attr/apparmor/current",
                    LONGEST_LABEL);
            if (length < 0 && !hasEnded(length)) {
                return length;
            }
            if (length > 0) {
                for (String part : AppArmorLabel.parse(KernelFiles.text(files.byteString(length)))
                        .profiles()) {
                    List<Integer> pids = used.computeIfAbsent(part, key -> new ArrayList<>());
                    int number = Integer.parseInt(pid);
                    if (!pids.contains(number)) {
                        pids.add(number);
                    }
                }
            }
        }
        return 0;
    }

    private static boolean hasEnded(int error) {
        return error == -Errno.ENOENT || error == -Errno.ESRCH;
    }
}
