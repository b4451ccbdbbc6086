package io.plumbline.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VersionedTest {

    @Test
    void isAfterAnyChangesTheSameAsAMapThatWasChangedAndEarlierOnesAreAsTheyWere() {
        Random random = new Random(7);
        Versioned<Integer, Integer> versioned = Versioned.of(Map.of(1, 1, 2, 2));
        Map<Integer, Integer> expected = new HashMap<>(Map.of(1, 1, 2, 2));
        for (int step = 0; step < 500; step++) {
            Versioned<Integer, Integer> earlier = versioned;
            Map<Integer, Integer> before = Map.copyOf(expected);
            Map<Integer, Optional<Integer>> changes = new HashMap<>();
            for (int i = random.nextInt(9); i > 0; i--) {
                Integer key = random.nextInt(300);
                Optional<Integer> value = random.nextBoolean() ? Optional.of(step) : Optional.empty();
                changes.put(key, value);
                value.ifPresentOrElse(one -> expected.put(key, one), () -> expected.remove(key));
            }
            versioned = versioned.with(changes);
            assertThat(versioned).isEqualTo(expected).hasSize(expected.size());
            for (int key = 0; key < 300; key++) {
                assertThat(versioned.get(key)).isEqualTo(expected.get(key));
                assertThat(versioned.containsKey(key)).isEqualTo(expected.containsKey(key));
            }
            assertThat(earlier).isEqualTo(before);
        }
    }
}
