package io.plumbline.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.IdentityHashMap;

/**
 * How many connections there are, and how long each may take to say what it wants. The idle timeout alone does not see one that sends a
 * byte now and then.
 *
 * <p>Of the event loop alone.
 */
final class Connections {

    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final Limits limits;
    private final IdentityHashMap<HttpConnection, Long> deadlines = new IdentityHashMap<>();

    Connections(Vertx vertx, Limits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void opened(HttpConnection connection) {
        if (deadlines.size() >= limits.connections()) {
            connection.close();
            return;
        }
        deadlines.put(connection, deadline(connection));
        connection.closeHandler(closed -> {
            Long timer = deadlines.remove(connection);
            if (timer != null) {
                cancel(timer);
            }
        });
    }

    /** The request's headers are there; the next one's are awaited once it is answered. */
    void asked(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        Long timer = deadlines.replace(connection, NO_TIMER);
        if (timer != null) {
            cancel(timer);
        }
        request.response()
                .endHandler(ended -> deadlines.computeIfPresent(connection, (one, none) -> deadline(connection)));
    }

    private long deadline(HttpConnection connection) {
        return vertx.setTimer(limits.headersWithin().toMillis(), passed -> connection.close());
    }

    private void cancel(long timer) {
        if (timer != NO_TIMER) {
            vertx.cancelTimer(timer);
        }
    }
}
