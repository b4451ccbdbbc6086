package io.plumbline.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SortedListsTest {

    /** Equal to each other by number alone, and each another object. */
    private static final class Numbered {
        private final int number;

        Numbered(int number) {
            this.number = number;
        }

        int number() {
            return number;
        }
    }

    private final List<Numbered> sorted = List.of(new Numbered(2), new Numbered(4), new Numbered(6), new Numbered(8));

    @Test
    void findsWhereANumberIsOrWouldBe() {
        for (int first = 0; first <= sorted.size(); first++) {
            for (int least = 0; least < 10; least++) {
                int found = SortedLists.firstNotBelow(sorted, Numbered::number, first, least);
                int expected = first;
                while (expected < sorted.size() && sorted.get(expected).number() < least) {
                    expected++;
                }
                assertThat(found).as("%d from %d on", least, first).isEqualTo(expected);
            }
        }
    }

    @Test
    void ofTheSameOthersTheListIsTheSame() {
        assertThat(replaced(List.of())).isSameAs(sorted);
        assertThat(replaced(List.of(4, 8), sorted.get(1), sorted.get(3))).isSameAs(sorted);
        assertThat(replaced(List.of(3, 9))).isSameAs(sorted);
    }

    @Test
    void whoChangedCameOrWentMakesAnotherList() {
        Numbered four = new Numbered(4);
        assertThat(replaced(List.of(4), four)).containsExactly(sorted.get(0), four, sorted.get(2), sorted.get(3));
        assertThat(replaced(List.of(4))).containsExactly(sorted.get(0), sorted.get(2), sorted.get(3));
        Numbered nine = new Numbered(9);
        assertThat(replaced(List.of(2, 9), sorted.get(0), nine)).hasSize(5).endsWith(nine);
        assertThat(replaced(List.of(2, 4, 6, 8))).isEmpty();
    }

    private List<Numbered> replaced(List<Integer> numbers, Numbered... others) {
        return SortedLists.replace(sorted, Numbered::number, numbers, List.of(others));
    }
}
