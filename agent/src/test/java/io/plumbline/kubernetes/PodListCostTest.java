package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.plumbline.model.DeclaredPod;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a refresh of the pods costs in memory; its time depends on the machine too much for a test. */
class PodListCostTest {

    @Test
    void crowdedNodeThatIsAsItWasCostsLittleGarbage() throws Exception {
        byte[] body = ManyPods.json(250);
        PodListReader reader = new PodListReader(JsonCursor.factory());
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        List<DeclaredPod> pods = List.of();
        long allocated = 0;
        for (int round = 0; round < 20; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            pods = reader.read(new ByteArrayInputStream(body), "here").pods();
            allocated = threads.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(pods).hasSize(250);
        // 0.1 MB; where each pod is read anew 1.0 MB, typed objects or a tree take 16 MB and more.
        assertThat(allocated).isLessThan(450_000);
    }
}
