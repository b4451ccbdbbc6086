package io.plumbline.kubernetes;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One request and its answer, kept in the pieces in which it came. */
final class Exchange {

    private final int limit;
    private final CompletableFuture<HttpResponse<AsyncBody>> head;
    private final Pieces pieces = new Pieces();
    private volatile long size;

    /**
     * Sends the request.
     *
     * @param limit of the answer's body, in bytes
     */
    Exchange(HttpClient http, HttpRequest request, int limit) {
        this.limit = limit;
        // Looking up the host's name happens before the request is sent, and may take longer than we are willing to
        // wait.
        this.head = CompletableFuture.completedFuture(request)
                .thenComposeAsync(ready -> http.consumeBytes(ready, this::accept));
    }

    /** The other side sends more than a kubelet would. */
    static final class TooLargeException extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        TooLargeException(int limit) {
            super("more than " + (limit >> 20) + " MiB");
        }
    }

    /** Waits for the whole answer and gives its status. */
    int await(Duration deadline) throws InterruptedException, ExecutionException, TimeoutException {
        long end = System.nanoTime() + deadline.toNanos();
        try {
            HttpResponse<AsyncBody> response = head.get(deadline.toNanos(), TimeUnit.NANOSECONDS);
            response.body().consume();
            response.body().done().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            return response.code();
        } finally {
            cancel();
        }
    }

    private void cancel() {
        if (!head.isDone()) {
            head.cancel(true);
        } else if (!head.isCompletedExceptionally()) {
            // Does nothing to a body that has come to its end.
            head.join().body().cancel();
        }
    }

    /** Has the other side begun to answer? */
    boolean isAnswered() {
        return head.isDone() && !head.isCompletedExceptionally();
    }

    /** How much of the body has come. */
    long size() {
        return size;
    }

    /** Where a redirect leads. */
    Optional<String> location() {
        return head.join().headers("Location").stream().findFirst();
    }

    /** The body; can be read once, after {@link #await}. */
    InputStream body() {
        return pieces;
    }

    private void accept(List<ByteBuffer> buffers, AsyncBody body) throws TooLargeException {
        long now = size;
        for (ByteBuffer buffer : buffers) {
            now += buffer.remaining();
            pieces.add(buffer);
        }
        size = now;
        if (now > limit) {
            pieces.clear();
            throw new TooLargeException(limit);
        }
        body.consume();
    }
}
