package io.plumbline.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * How many connections there are, and how long each may take to say what it wants. The idle timeout alone does not see one that sends a
 * byte now and then.
 *
 * <p>Where there are as many as may be, whoever has waited longest without a request gives way to the next: else some hundred connections
 * that say nothing would keep probes and Prometheus out, for as long as somebody opens new ones.
 *
 * <p>Of the event loop alone.
 */
final class Connections {

    private final Vertx vertx;
    private final Limits limits;

    /** Those from which a request is awaited, with the timer that ends it; the longest first. */
    private final Map<HttpConnection, Long> awaited = new LinkedHashMap<>();

    /** Those whose request is being answered. */
    private final Set<HttpConnection> answered = Collections.newSetFromMap(new IdentityHashMap<>());

    Connections(Vertx vertx, Limits limits) {
        this.vertx = vertx;
        this.limits = limits;
    }

    void opened(HttpConnection connection) {
        if (awaited.size() + answered.size() >= limits.connections() && !oneGivesWay()) {
            connection.close();
            return;
        }
        await(connection);
        connection.closeHandler(closed -> {
            answered.remove(connection);
            forget(connection);
        });
    }

    private boolean oneGivesWay() {
        Iterator<HttpConnection> all = awaited.keySet().iterator();
        if (!all.hasNext()) {
            return false;
        }
        HttpConnection longest = all.next();
        forget(longest);
        longest.close();
        return true;
    }

    /** The request's headers are there; the next one's are awaited once it is answered. */
    void asked(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        if (forget(connection)) {
            answered.add(connection);
        }
        request.response().endHandler(ended -> {
            if (answered.remove(connection)) {
                await(connection);
            }
        });
    }

    private void await(HttpConnection connection) {
        awaited.put(connection, vertx.setTimer(limits.headersWithin().toMillis(), passed -> connection.close()));
    }

    /** @return it was awaited */
    private boolean forget(HttpConnection connection) {
        Long timer = awaited.remove(connection);
        return timer != null && vertx.cancelTimer(timer);
    }
}
