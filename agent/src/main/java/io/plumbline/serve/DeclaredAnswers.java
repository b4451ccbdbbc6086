package io.plumbline.serve;

import io.plumbline.model.AgentState.DeclaredSide;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Moment;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The newest answer of the declared side, and the last good one where there is no new one.
 *
 * <p>The question is asked on a thread of its own, once at a time: an answer that takes long is waited for a while, and then taken by a
 * later scan.
 */
final class DeclaredAnswers implements AutoCloseable {

    private final Optional<DeclaredSource> source;
    private final InstantSource clock;
    private final Duration patience;
    private final Runnable news;
    private final Supplier<Set<String>> running;
    private final ExecutorService asker = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "declared");
        thread.setDaemon(true);
        return thread;
    });

    private final MissedPods missed = new MissedPods();
    private Optional<DeclaredNode> lastGood = Optional.empty();
    private Optional<Moment> answered = Optional.empty();
    private Optional<String> trouble = Optional.empty();
    private Optional<DeclaredNode> best = Optional.empty();
    private @Nullable Future<DeclaredNode> underWay;

    /**
     * @param patience how long a scan waits for an answer
     * @param news told when a question that nobody waits for was answered
     * @param running the UIDs of the pods of which processes were seen last
     */
    DeclaredAnswers(
            Optional<DeclaredSource> source,
            InstantSource clock,
            Duration patience,
            Runnable news,
            Supplier<Set<String>> running) {
        this.source = source;
        this.clock = clock;
        this.patience = patience;
        this.news = news;
        this.running = running;
    }

    /** Asks, and gives the best answer there is. */
    Answer refresh() {
        source.ifPresent(whom -> {
            if (underWay == null) {
                underWay = asker.submit(whom::ask);
            }
            take(underWay, patience);
        });
        return answer();
    }

    /** The best answer there is, without waiting for one. */
    Answer latest() {
        if (underWay != null && underWay.isDone()) {
            take(underWay, Duration.ZERO);
        }
        return answer();
    }

    /** Asks, and waits for nothing, unless somebody asks already. */
    void ask() {
        if (underWay == null) {
            source.ifPresent(whom -> {
                underWay = asker.submit(whom::ask);
                // Behind the question, on the same thread: by then it is answered.
                asker.execute(news);
            });
        }
    }

    private void take(Future<DeclaredNode> question, Duration longest) {
        try {
            DeclaredNode answer = question.get(longest.toMillis(), TimeUnit.MILLISECONDS);
            underWay = null;
            trouble = whyUnbelievable(answer);
            if (trouble.isEmpty()) {
                DeclaredNode whole = completed(answer);
                // The one before, if it is the same: what is derived from it is then as it was, at a glance.
                lastGood = lastGood.filter(whole::equals).or(() -> Optional.of(whole));
                answered = Optional.of(new Moment(clock.instant(), System.nanoTime()));
            }
        } catch (TimeoutException e) {
            // Why the last one failed says more, and is not logged anew with each question.
            trouble = trouble.or(() -> Optional.of("no answer within " + longest.toMillis() + " ms; still waiting"));
        } catch (ExecutionException e) {
            underWay = null;
            trouble = Optional.of(why(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            trouble = Optional.of("interrupted");
        }
        best = lastGood.map(node -> trouble.map(why -> marked(node, why)).orElse(node));
    }

    /**
     * A kubelet that has just started lists the pods of its manifests, and those of the API server only after that one has told it; if it is
     * away, for long. Pods that were all deleted at once have no processes soon.
     */
    private Optional<String> whyUnbelievable(DeclaredNode answer) {
        if (lastGood.isEmpty() || !mayKnowLater() || answer.pods().stream().anyMatch(pod -> !pod.isStatic())) {
            return Optional.empty();
        }
        Set<String> alive = running.get();
        long lost = lastGood.get().pods().stream()
                .filter(pod -> !pod.isStatic() && alive.contains(pod.uid()))
                .count();
        return lost == 0
                ? Optional.empty()
                : Optional.of(
                        answer.source() + ": no pod of the API server is listed any more, and " + lost
                                + " of those that were still run: the kubelet has probably just started, and was not told of them yet");
    }

    private DeclaredNode completed(DeclaredNode answer) {
        return lastGood.filter(before -> mayKnowLater())
                .map(before -> missed.complete(answer, before, running.get(), clock.instant()))
                .orElse(answer);
    }

    private boolean mayKnowLater() {
        return source.filter(DeclaredSource::mayKnowLater).isPresent();
    }

    private Answer answer() {
        return new Answer(best, new DeclaredSide(source.isPresent(), answered, trouble));
    }

    private static String why(@Nullable Throwable failure) {
        return failure instanceof IOException && failure.getMessage() != null
                ? failure.getMessage()
                : String.valueOf(failure);
    }

    /** The report itself says so too, wherever it goes. */
    private DeclaredNode marked(DeclaredNode node, String why) {
        List<String> warnings = new ArrayList<>(node.warnings());
        answered.ifPresent(when -> warnings.add("this answer is of " + when.at().truncatedTo(ChronoUnit.SECONDS)
                + ", because a newer one could not be had: " + why));
        return node.withWarnings(warnings);
    }

    @Override
    public void close() {
        asker.shutdownNow();
    }

    /** @param declared empty where nobody is asked, and where nobody has ever answered */
    record Answer(Optional<DeclaredNode> declared, DeclaredSide side) {}
}
