package io.plumbline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.CapturedNode;
import io.plumbline.Fuzz;
import io.plumbline.Noise;
import io.plumbline.model.RuntimeInventory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged bundles of a real container: each is read or said to be unreadable, and nothing else happens. */
@Tag("fuzz")
class BundleFuzzTest {

    private static final String BUNDLE = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/x";

    private static final List<String> WORDS = Noise.json(
            "{}",
            "[]",
            "-1",
            "[[[[[[[[",
            "{\"a\":{\"a\":",
            "\"process\":",
            "\"linux\":",
            "\"mounts\":[",
            "\"type\":\"pid\"",
            "\"uid\":4294967296",
            "\"CAP_X\"",
            "NaN",
            "/*");

    @TempDir
    private Path directory;

    @Test
    void damagedBundleIsReadOrUnreadable() throws Exception {
        byte[] original = Files.readAllBytes(
                CapturedNode.containers().resolve("restricted").resolve("config.json"));
        FakeHost host = new FakeHost(directory).file(BUNDLE + "/config.json", "");
        Path file = directory.resolve(BUNDLE.substring(1)).resolve("config.json");
        BundleInventory inventory = new BundleInventory(host.root());
        AtomicInteger unreadable = new AtomicInteger();
        long rounds = Fuzz.of("bundle").rounds(600, noise -> {
            Files.write(file, noise.spoiled(original, WORDS));
            RuntimeInventory found = inventory.read();
            assertThat(found.bundles().size() + found.unreadable().size()).isEqualTo(1);
            for (var trouble : found.unreadable()) {
                unreadable.incrementAndGet();
                assertThat(trouble.source()).isEqualTo(BUNDLE + "/config.json");
                assertThat(trouble.why()).hasSizeLessThan(300).doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
            }
        });
        assertThat((long) unreadable.get()).as("damage is seen").isGreaterThanOrEqualTo(rounds / 4);
    }
}
