package io.plumbline.cli;

import io.plumbline.kernel.MountChanges;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.serve.MountSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/** What the kernel tells of mounts, as the loop hears it. */
final class MountNews implements MountSource {

    private final MountChanges changes;

    /** @throws IOException if the kernel refuses; the message says why */
    MountNews(ProcRoot root) throws IOException {
        this.changes = new MountChanges(root);
    }

    @Override
    public Set<Long> watch(Map<Long, Integer> wanted) {
        return changes.watch(wanted);
    }

    @Override
    public boolean lacksSome() {
        return changes.lacksSome();
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
