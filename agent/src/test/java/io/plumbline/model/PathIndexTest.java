package io.plumbline.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathIndexTest {

    @Test
    void whatAPathLiesBelowIsToldTheNearestFirst() {
        PathIndex index = new PathIndex(List.of("/a", "/a/b/c", "/", "/a-b", "/a/b", "/a"));

        assertThat(index.around("/a/b/c/d")).containsExactly("/a/b/c", "/a/b", "/a", "/");
        assertThat(index.around("/a-b")).containsExactly("/a-b", "/");
        assertThat(index.around("/a-")).containsExactly("/");
        assertThat(index.around("/")).containsExactly("/");
    }

    @Test
    void aNameThatBeginsWithAnotherLiesBeside() {
        PathIndex index = new PathIndex(List.of("/data"));

        assertThat(index.isAtOrBelowAny("/data")).isTrue();
        assertThat(index.isAtOrBelowAny("/data/x")).isTrue();
        assertThat(index.isAtOrBelowAny("/data2")).isFalse();
        assertThat(index.isAtOrBelowAny("/dat")).isFalse();
        assertThat(new PathIndex(List.of()).isAtOrBelowAny("/")).isFalse();
    }

    /** Names of few letters, some of which sort before the slash, so that many begin with one another. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theAnswersAreThoseOfAComparisonWithEach(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            List<String> paths = IntStream.range(0, random.nextInt(40))
                    .mapToObj(at -> path(random))
                    .toList();
            PathIndex index = new PathIndex(paths);
            for (int look = 0; look < 20; look++) {
                String path = path(random);
                assertThat(index.around(path))
                        .as("%s among %s", path, paths)
                        .isEqualTo(paths.stream()
                                .filter(other ->
                                        other.equals("/") || path.equals(other) || path.startsWith(other + "/"))
                                .distinct()
                                .sorted(Comparator.comparingInt(String::length).reversed())
                                .toList());
            }
        }
    }

    private static String path(Random random) {
        StringBuilder path = new StringBuilder();
        for (int depth = random.nextInt(5); depth >= 0; depth--) {
            path.append('/');
            for (int length = random.nextInt(3); length > 0; length--) {
                path.append("a-b.".charAt(random.nextInt(4)));
            }
        }
        return path.toString();
    }
}
