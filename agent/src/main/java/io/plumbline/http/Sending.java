package io.plumbline.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;

/** How an answer leaves. */
final class Sending {

    private Sending() {}

    /** Nothing where the connection is gone already. */
    static void send(HttpServerRequest request, Answer answer) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        Visitor.protect(response);
        response.setStatusCode(answer.status());
        response.putHeader("Content-Type", answer.contentType());
        response.putHeader("Cache-Control", "no-store");
        answer.headers().forEach(response::putHeader);
        boolean last = "close".equals(response.headers().get("Connection"));
        Future<Void> sent = response.end(answer.body());
        if (last) {
            sent.onComplete(done -> request.connection().close());
        }
    }

    /** The connection ends with this answer: what else comes on it is not waited for. */
    static void refuseMore(HttpServerRequest request) {
        request.response().putHeader("Connection", "close");
    }
}
