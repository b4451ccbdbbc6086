package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ItemFilterTest {

    private final List<String> seen = new ArrayList<>();
    private final List<Long> places = new ArrayList<>();

    @Test
    void objectsInAListInTheOutermostObjectAreItems() throws Exception {
        String list =
                "{\"metadata\":{\"a\":[{}]},\"items\": [{\"a\":[{\"b\":1}]}, 7, [{}], {\"c\":\"}]{\\\"\"}],\"more\":{}}\n";
        assertThat(filtered(list)).isEqualTo(list);
        assertThat(seen).containsExactly("{\"a\":[{\"b\":1}]}", "{\"c\":\"}]{\\\"\"}");
    }

    @Test
    void whatIsLeftOfAnItemStandsInItsPlace() throws Exception {
        assertThat(filtered("{\"items\":[{\"drop\":12},{\"a\":1},{\"drop\":3}]}"))
                .isEqualTo("{\"items\":[{},{\"a\":1},{}]}");
        assertThat(places).containsExactly(10L, 13L, 21L);
    }

    @Test
    void longestItemAndWhatIsTornGoThroughUnseen() throws Exception {
        String list = "{\"items\":[{\"a\":\"" + "x".repeat(ItemFilter.LONGEST) + "\"},{\"b\":1},{\"torn\":";
        assertThat(filtered(list)).isEqualTo(list);
        assertThat(seen).containsExactly("{\"b\":1}");
    }

    @Test
    void textThatBeginsOtherwiseGoesThroughUnseen() throws Exception {
        String list = " {\"items\":[{\"drop\":1}]}";
        assertThat(filtered(list)).isEqualTo(list);
        assertThat(seen).isEmpty();
    }

    private String filtered(String list) throws IOException {
        ItemFilter filter = new ItemFilter(this::shorten);
        return new String(
                filter.of(new ByteArrayInputStream(list.getBytes(UTF_8))).readAllBytes(), UTF_8);
    }

    private int shorten(byte[] item, int length, long from) {
        String text = new String(item, 0, length, UTF_8);
        seen.add(text);
        places.add(from);
        if (!text.startsWith("{\"drop\"")) {
            return length;
        }
        item[1] = '}';
        return 2;
    }
}
