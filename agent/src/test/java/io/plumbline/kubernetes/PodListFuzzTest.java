package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.CapturedNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged answers of a real kubelet: they are read or refused with one clean line, and always soon. */
class PodListFuzzTest {

    private static final String[] PIECES = {
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
        "/*"
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedTextIsReadOrRefused(long seed) throws Exception {
        byte[] pods = Files.readAllBytes(CapturedNode.kubernetes().resolve("kubelet-pods.json"));
        byte[] configz = Files.readAllBytes(CapturedNode.kubernetes().resolve("kubelet-configz.json"));
        // The first of the twenty pods: a change in it is not lost among what is passed over.
        byte[] few = Arrays.copyOf(pods, 12_000);
        Random random = new Random(seed);
        JsonFactory factory = JsonCursor.factory();
        assertTimeoutPreemptively(Duration.ofMinutes(2), () -> {
            int refused = 0;
            for (int round = 0; round < 400; round++) {
                refused += isRefused(factory, damaged(random, round % 4 == 0 ? pods : few), false) ? 1 : 0;
                refused += isRefused(factory, damaged(random, configz), true) ? 1 : 0;
            }
            assertThat(refused).as("damage is seen").isGreaterThan(400);
        });
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

    private static byte[] damaged(Random random, byte[] original) {
        byte[] text = original.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length);
            text = switch (random.nextInt(5)) {
                case 0 -> Arrays.copyOf(text, at + 1);
                case 1 -> replaced(text, at, 1, new byte[] {(byte) random.nextInt(256)});
                case 2 -> replaced(text, at, random.nextInt(64), new byte[0]);
                case 3 ->
                    replaced(
                            text,
                            at,
                            random.nextInt(4),
                            PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8));
                default -> replaced(text, at, 0, Arrays.copyOfRange(text, at, Math.min(text.length, at + 200)));
            };
        }
        return text;
    }

    private static byte[] replaced(byte[] text, int at, int removed, byte[] inserted) {
        int behind = Math.min(text.length, at + removed);
        byte[] result = new byte[at + inserted.length + text.length - behind];
        System.arraycopy(text, 0, result, 0, at);
        System.arraycopy(inserted, 0, result, at, inserted.length);
        System.arraycopy(text, behind, result, at + inserted.length, text.length - behind);
        return result;
    }
}
