package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.CapturedNode;
import io.plumbline.Fuzz;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Damaged answers of a real kubelet: they are read or refused with one clean line, and always soon. */
@Tag("fuzz")
class PodListFuzzTest {

    private static final List<String> PIECES = List.of(
            "null",
            "true",
            "-1",
            "1e999",
            "{}",
            "[]",
            "\"\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            " ",
            "\u0000",
            "99999999999999999999999999",
            "[[[[[[[[",
            "{\"a\":{\"a\":{\"a\":",
            "\"containers\":",
            "\"metadata\":{}",
            "NaN",
            "/*");

    @Test
    void damagedTextIsReadOrRefused() throws Exception {
        byte[] pods = Files.readAllBytes(CapturedNode.kubernetes().resolve("kubelet-pods.json"));
        byte[] configz = Files.readAllBytes(CapturedNode.kubernetes().resolve("kubelet-configz.json"));
        // The first of the twenty pods: a change in it is not lost among what is passed over.
        byte[] few = Arrays.copyOf(pods, 12_000);
        JsonFactory factory = JsonCursor.factory();
        AtomicInteger refused = new AtomicInteger();
        PodListReader again = new PodListReader(factory);
        again.read(new ByteArrayInputStream(pods), "fuzz");
        long rounds = Fuzz.of("kubelet").rounds(1500, noise -> {
            byte[] list = noise.spoiled(noise.once(4) ? pods : few, PIECES);
            refused.addAndGet(isRefused(factory, list, false) ? 1 : 0);
            assertThat(answer(again, list)).isEqualTo(answer(new PodListReader(factory), list));
            refused.addAndGet(isRefused(factory, noise.spoiled(configz, PIECES), true) ? 1 : 0);
        });
        assertThat((long) refused.get()).as("damage is seen").isGreaterThanOrEqualTo(rounds / 2);
    }

    /** Whoever has read other lists before says what one says that has read nothing; of what he refuses, not with all the same words. */
    private static Optional<PodListReader.PodList> answer(PodListReader reader, byte[] text) {
        try {
            return Optional.of(reader.read(new ByteArrayInputStream(text), "fuzz"));
        } catch (KubeletException e) {
            return Optional.empty();
        }
    }

    private static boolean isRefused(JsonFactory factory, byte[] text, boolean configz) {
        try {
            if (configz) {
                Configz.read(factory, new ByteArrayInputStream(text), "fuzz");
            } else {
                new PodListReader(factory).read(new ByteArrayInputStream(text), "fuzz");
            }
            return false;
        } catch (KubeletException e) {
            assertThat(e.getMessage())
                    .startsWith("fuzz: ")
                    .hasSizeLessThan(1500)
                    .doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
            return true;
        }
    }
}
