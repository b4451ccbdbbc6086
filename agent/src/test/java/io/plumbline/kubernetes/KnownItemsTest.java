package io.plumbline.kubernetes;

import static io.plumbline.kubernetes.PodListReaderTest.reader;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.plumbline.kubernetes.PodListReader.PodList;
import io.plumbline.model.DeclaredPod;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** One reader reads list after list: what it says is what one would say that reads for the first time. */
class KnownItemsTest {

    private static final String A = pod("a", "\"phase\":\"Running\"");
    private static final String B = pod("b", "\"phase\":\"Running\",\"message\":\"}] \\\\\\\"{[\"");
    private static final String C = pod("c", "\"phase\":\"Pending\"");

    private final PodListReader reader = reader();

    @Test
    void podThatIsWrittenAsItWasIsTheOneOfBefore() throws Exception {
        List<DeclaredPod> before = pods(list(A, B, C));
        List<DeclaredPod> now = pods(list(C, A, B));

        assertThat(now).extracting(DeclaredPod::name).containsExactly("a", "b", "c");
        for (int i = 0; i < 3; i++) {
            assertThat(now.get(i)).isSameAs(before.get(i));
        }
        assertThat(read(list(A, B)).nodeName()).contains("node1");
    }

    @Test
    void podOfWhichOneLetterIsOtherwiseIsReadAnew() throws Exception {
        DeclaredPod before = pods(list(A, B, C)).get(2);
        List<DeclaredPod> now = pods(list(A, B, C.replace("Pending", "Running")));

        assertThat(before.phase()).isEqualTo("Pending");
        assertThat(now).extracting(DeclaredPod::phase).containsOnly("Running");
        assertThat(pods(list(A, B, C)).get(2)).isEqualTo(before);
    }

    @Test
    void podThatIsGoneIsGone() throws Exception {
        DeclaredPod first = pods(list(A, B)).get(0);
        assertThat(pods(list(B))).extracting(DeclaredPod::name).containsExactly("b");
        // Forgotten with it.
        assertThat(pods(list(A, B)).get(0)).isEqualTo(first).isNotSameAs(first);
    }

    @Test
    void podThatStandsTwiceIsSeenTwice() throws Exception {
        assertThat(pods(list(A, A))).hasSize(2);
        assertThat(pods(list(A, A, B))).extracting(DeclaredPod::name).containsExactly("a", "a", "b");
        assertThat(pods(list(A, B))).hasSize(2);
    }

    @Test
    void anotherKindOfObjectIsReadEachTime() throws Exception {
        String namespace = "{\"kind\":\"Namespace\",\"metadata\":{\"name\":\"n\",\"labels\":{\"k\":\"v\"}}}";
        assertThat(read(list(A, namespace))).isEqualTo(read(list(A, namespace)));
    }

    @Test
    void brokenListIsRefusedAndWhatWasKnownStays() throws Exception {
        DeclaredPod first = pods(list(A, B)).get(0);
        String broken = list(A, B, "{\"metadata\":7}");
        assertThatThrownBy(() -> read(broken))
                .isInstanceOf(KubeletException.class)
                .hasMessage("here: not a list of pods: at byte " + broken.indexOf('7')
                        + ", in '/items/2/metadata': expected an object, found '7'");
        String torn = list(A, B).substring(0, list(A, B).length() - 9);
        assertThatThrownBy(() -> read(torn)).hasMessageContaining("it ends in the middle, at byte " + torn.length());
        assertThat(pods(list(A)).get(0)).isSameAs(first);
    }

    @Test
    void ofListsThatAreRefusedNothingIsKept() throws Exception {
        KnownItems<String> items = new KnownItems<>();
        List<String> pods = IntStream.range(0, 1000)
                .mapToObj(number -> pod("p" + number, "\"phase\":\"Running\""))
                .toList();
        for (String pod : pods) {
            make(items, list(pod));
        }
        String all = list(pods.toArray(String[]::new));
        assertThat(given(items, all)).isEqualTo(all);

        make(items, list(A));
        items.end();
        String more = list(A, pods.get(999));
        assertThat(given(items, more)).isEqualTo(more.replace(A, "{\"" + items.field() + "\":0}"));
    }

    @Test
    void listWithTextBehindItsEndIsRefusedAndNothingOfItIsKept() throws Exception {
        DeclaredPod first = pods(list(A)).get(0);
        assertThatThrownBy(() -> read(list(B) + "{}")).hasMessageContaining("more text behind the end");
        assertThat(pods(list(A)).get(0)).isSameAs(first);
    }

    @Test
    void textInAnotherEncodingIsReadEachTime() throws Exception {
        byte[] wide = list(A, B).getBytes(UTF_16LE);
        byte[] marked = ("\ufeff" + list(A, B, A)).getBytes(UTF_8);
        PodList first = reader.read(new ByteArrayInputStream(wide), "here");
        assertThat(reader.read(new ByteArrayInputStream(wide), "here")).isEqualTo(first);
        assertThat(reader.read(new ByteArrayInputStream(marked), "here").pods()).hasSize(3);
        assertThat(reader.read(new ByteArrayInputStream(marked), "here").pods()).hasSize(3);
    }

    @Test
    void longestPodIsReadEachTime() throws Exception {
        String large = pod("large", "\"message\":\"" + "x".repeat(ItemFilter.LONGEST) + "\",\"phase\":\"Running\"");
        List<DeclaredPod> before = pods(list(A, large, B));
        List<DeclaredPod> now = pods(list(A, large, B));
        assertThat(now).isEqualTo(before);
        assertThat(now.get(2)).isNotSameAs(before.get(2));
        assertThat(now.get(1)).isSameAs(before.get(1));
    }

    @Test
    void itIsAllTheSameInWhichPiecesAListComes() throws Exception {
        byte[] text = list(A, B, C).getBytes(UTF_8);
        PodList whole = read(list(A, B, C));
        for (int piece = 1; piece < 40; piece++) {
            int size = piece;
            InputStream slow = new ByteArrayInputStream(text) {
                @Override
                public synchronized int read(byte[] to, int offset, int wanted) {
                    return super.read(to, offset, Math.min(wanted, size));
                }
            };
            PodList again = reader.read(slow, "here");
            assertThat(again).isEqualTo(whole);
            assertThat(again.pods().get(1)).isSameAs(whole.pods().get(1));
        }
    }

    /** Reads a list with one item, and makes something of that. */
    private static void make(KnownItems<String> items, String list) throws IOException {
        items.keep(given(items, list).lastIndexOf(']'), "made");
    }

    /** What the parser is given. */
    private static String given(KnownItems<String> items, String list) throws IOException {
        return new String(
                items.of(new ByteArrayInputStream(list.getBytes(UTF_8))).readAllBytes(), UTF_8);
    }

    private List<DeclaredPod> pods(String json) throws KubeletException {
        return read(json).pods();
    }

    private PodList read(String json) throws KubeletException {
        return reader.read(new ByteArrayInputStream(json.getBytes(UTF_8)), "here");
    }

    private static String list(String... items) {
        return "{\"kind\":\"List\",\"metadata\":{\"a\":[{}]},\"items\":[" + String.join(",", items) + "]}";
    }

    private static String pod(String name, String status) {
        return "{\"metadata\":{\"namespace\":\"shop\",\"name\":\"" + name + "\",\"uid\":\"u-" + name
                + "\"},\"spec\":{\"nodeName\":\"node1\",\"containers\":[{\"name\":\"one\"}]},\"status\":{" + status
                + "}}";
    }
}
