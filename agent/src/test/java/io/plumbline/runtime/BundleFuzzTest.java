package io.plumbline.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.plumbline.CapturedNode;
import io.plumbline.model.RuntimeInventory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged bundles of a real container: each is read or said to be unreadable, and nothing else happens. */
class BundleFuzzTest {

    private static final String BUNDLE = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/x";

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void damagedBundleIsReadOrUnreadable(long seed) throws Exception {
        byte[] original = Files.readAllBytes(
                CapturedNode.containers().resolve("restricted").resolve("config.json"));
        FakeHost host = new FakeHost(directory).file(BUNDLE + "/config.json", "");
        Path file = directory.resolve(BUNDLE.substring(1)).resolve("config.json");
        BundleInventory inventory = new BundleInventory(host.root());
        Random random = new Random(seed);
        assertTimeoutPreemptively(Duration.ofMinutes(1), () -> {
            int unreadable = 0;
            for (int round = 0; round < 300; round++) {
                Files.write(file, damaged(random, original));
                RuntimeInventory found = inventory.read();
                assertThat(found.bundles().size() + found.unreadable().size()).isEqualTo(1);
                for (var trouble : found.unreadable()) {
                    unreadable++;
                    assertThat(trouble.source()).isEqualTo(BUNDLE + "/config.json");
                    assertThat(trouble.why()).hasSizeLessThan(300).doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
                }
            }
            assertThat(unreadable).as("damage is seen").isGreaterThan(100);
        });
    }

    private static byte[] damaged(Random random, byte[] original) {
        byte[] text = original.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length);
            switch (random.nextInt(3)) {
                case 0 -> text = Arrays.copyOf(text, at + 1);
                case 1 -> text[at] = (byte) random.nextInt(256);
                default -> {
                    byte[] without = Arrays.copyOf(text, text.length - 1);
                    System.arraycopy(text, at + 1, without, at, text.length - at - 1);
                    text = without.length == 0 ? text : without;
                }
            }
        }
        return text;
    }
}
