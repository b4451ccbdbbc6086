package io.plumbline.cli;

import io.plumbline.kernel.MountChanges;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.serve.MountSource;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** What the kernel tells of mounts, as the loop hears it. */
final class MountNews implements MountSource {

    private final MountChanges changes;

    MountNews(ProcRoot root) {
        this.changes = new MountChanges(root);
    }

    @Override
    public Set<Long> watch(Map<Long, Integer> wanted) {
        return changes.watch(wanted);
    }

    @Override
    public Set<Long> next(Duration longest) {
        return changes.next(longest);
    }

    @Override
    public void close() {
        changes.close();
    }
}
