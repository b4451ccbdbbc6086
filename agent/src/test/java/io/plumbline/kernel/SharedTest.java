package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.CommandLine;
import io.plumbline.model.Reading;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SharedTest {

    private final Shared shared = new Shared();

    private static String copy(String text) {
        return new String(text.toCharArray());
    }

    @Test
    void whatIsEqualIsTheFirstOne() {
        String first = shared.one(copy("--log-level=info"));
        assertThat(shared.one(copy("--log-level=info"))).isSameAs(first);
        Reading<String> observed = shared.observed(Reading.of(first));
        assertThat(shared.observed(Reading.of(copy("--log-level=info")))).isSameAs(observed);
        Optional<String> there = shared.optional(Optional.of(first));
        assertThat(shared.optional(Optional.of(copy(first)))).isSameAs(there);
    }

    @Test
    void argumentsAreSharedOneByOneToo() {
        CommandLine one = shared.commandLine(new CommandLine(List.of(copy("nginx"), copy("-g")), false));
        CommandLine same = shared.commandLine(new CommandLine(List.of(copy("nginx"), copy("-g")), false));
        CommandLine cut = shared.commandLine(new CommandLine(List.of(copy("nginx"), copy("-g")), true));
        assertThat(same).isSameAs(one);
        assertThat(cut).isNotEqualTo(one);
        assertThat(cut.arguments().get(1)).isSameAs(one.arguments().get(1));
    }

    @Test
    void troubleStaysWhose() {
        Reading<String> mine = new Reading.Unreadable<>("/proc/7/exe", "EACCES");
        assertThat(shared.observed(mine)).isSameAs(mine);
        assertThat(shared.observed(new Reading.Unreadable<>("/proc/7/exe", "EACCES")))
                .isEqualTo(mine)
                .isNotSameAs(mine);
    }

    /** A hostile one that nobody has any more: it is not for us to keep. */
    @Test
    void nobodyIsKeptAlive() {
        WeakReference<String> gone = new WeakReference<>(shared.one("x".repeat(1 << 20)));
        Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> {
            System.gc();
            return gone.get() == null;
        });
    }

    /** A workload that shows ever new values, some of them with one hash: each stays what it is. */
    @Test
    void manyValuesStayThemselves() {
        for (int i = 0; i < 100_000; i++) {
            String text = Integer.toString(i, 36) + (i % 2 == 0 ? "Aa" : "BB");
            assertThat(shared.one(text)).isEqualTo(text);
        }
    }

    @Test
    void equalListsOfAnotherClassStayApart() {
        List<String> list = List.of("ro", "nosuid", "nodev");
        List<String> other = new ArrayList<>(list);
        assertThat(shared.one(list)).isSameAs(list);
        assertThat(shared.one(other)).isSameAs(other);
    }
}
