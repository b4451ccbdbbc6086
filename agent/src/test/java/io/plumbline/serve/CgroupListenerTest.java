package io.plumbline.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CgroupListenerTest {

    private final AtomicInteger closed = new AtomicInteger();
    private final CgroupListener listener =
            new CgroupListener(Optional.of(new Silent()), new Changes(), InstantSource.system(), () -> {});

    @Test
    void sourceIsClosedOnceWhetherItWasHeardOrNot() {
        listener.close();
        assertThat(closed).hasValue(1);
    }

    @Test
    void sourceThatWasHeardIsClosedByWhoHeardIt() {
        listener.start();
        listener.close();
        assertThat(closed).hasValue(1);
    }

    private final class Silent implements CgroupSource {
        @Override
        public Set<Integer> next(Duration longest) throws InterruptedException {
            TimeUnit.MILLISECONDS.sleep(1);
            return Set.of();
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}
