package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PiecesTest {

    @Test
    void whatIsAddedIsReadInItsOrderHoweverItIsCut() throws IOException {
        Random random = new Random(1);
        for (int round = 0; round < 50; round++) {
            Pieces pieces = new Pieces();
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            for (int count = random.nextInt(40); count > 0; count--) {
                byte[] piece = new byte[random.nextInt(random.nextBoolean() ? 20_000 : 10)];
                random.nextBytes(piece);
                whole.write(piece);
                pieces.add(ByteBuffer.wrap(piece));
            }
            assertThat(pieces.readAllBytes()).isEqualTo(whole.toByteArray());
        }
    }

    @Test
    void whatIsClearedIsGone() throws IOException {
        Pieces pieces = new Pieces();
        pieces.add(ByteBuffer.wrap(new byte[] {1, 2}));
        pieces.clear();
        pieces.add(ByteBuffer.wrap(new byte[] {3}));
        assertThat(pieces.readAllBytes()).containsExactly(3);
    }

    /** Trap: 64 MiB in chunks of a byte had the agent end for want of memory. */
    @Test
    void smallPiecesTakeLittleMoreThanTheirBytes() throws IOException {
        int size = 1 << 20;
        byte[] bytes = new byte[size];
        new Random(2).nextBytes(bytes);
        List<ByteBuffer> single = IntStream.range(0, size)
                .mapToObj(at -> ByteBuffer.wrap(bytes, at, 1))
                .toList();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Pieces pieces = new Pieces();
        long before = threads.getCurrentThreadAllocatedBytes();
        single.forEach(pieces::add);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(allocated).isLessThan(size + size / 4);
        assertThat(pieces.readAllBytes()).isEqualTo(bytes);
    }
}
