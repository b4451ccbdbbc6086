package io.plumbline.cli;

import io.plumbline.kernel.CgroupChanges;
import io.plumbline.kernel.ProcRoot;
import io.plumbline.serve.CgroupSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/** What the kernel tells of cgroups, as the loop hears it. */
final class CgroupNews implements CgroupSource {

    private final CgroupChanges changes;

    CgroupNews(ProcRoot root) throws IOException {
        this.changes = CgroupChanges.of(root);
    }

    @Override
    public Set<Integer> next(Duration longest) throws InterruptedException {
        return changes.next(longest);
    }

    @Override
    public void close() {
        changes.close();
    }
}
