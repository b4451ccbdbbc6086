package io.plumbline.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.FindingChange;
import io.plumbline.model.FindingsAt;
import io.plumbline.report.ReportJson;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * Server-sent events (WHATWG HTML, section 9.2): {@code opened} and {@code closed} with the finding, and {@code scan} after each scan
 * that succeeded. Whoever connects later asks the API for what is open.
 *
 * <p>Of the event loop alone.
 */
final class EventStream {

    /** Bytes under way to one listener before the rest waits here. */
    private static final int UNDER_WAY = 65_536;

    private static final Buffer HEARTBEAT = Buffer.buffer(": still here\n\n");
    private static final Buffer GREETING = Buffer.buffer("retry: 3000\n\n");

    private final ReportJson objects;
    private final Limits limits;
    private final List<Listener> listeners = new ArrayList<>();

    EventStream(ReportJson objects, Limits limits) {
        this.objects = objects;
        this.limits = limits;
    }

    boolean isFull() {
        return listeners.size() >= limits.streams();
    }

    /** Takes a response whose headers are set, and tells it what its caller may hear. */
    void join(HttpServerResponse response, Scope scope) {
        Listener listener = new Listener(response, scope);
        listeners.add(listener);
        response.setChunked(true).setWriteQueueMaxSize(UNDER_WAY);
        response.exceptionHandler(failure -> listeners.remove(listener));
        response.closeHandler(closed -> listeners.remove(listener));
        response.drainHandler(drained -> listener.drain());
        listener.send(GREETING);
    }

    void tell(AgentState state, List<FindingChange> changes) {
        if (listeners.isEmpty()) {
            return;
        }
        for (FindingChange change : changes) {
            if (change instanceof FindingChange.Opened opened) {
                send(change, event("opened", objects.finding(opened.finding())));
            } else if (change instanceof FindingChange.Closed closed) {
                send(change, event("closed", objects.closed(closed.finding())));
            }
        }
        if (state.scanTrouble().isEmpty()) {
            state.last()
                    .ifPresent(last -> List.copyOf(listeners)
                            .forEach(listener -> listener.send(event("scan", scan(last, listener.scope)))));
        }
    }

    /** Ends one; it may connect again, and is then authenticated again. */
    void leave(HttpServerResponse response) {
        if (listeners.removeIf(listener -> listener.response == response)) {
            response.end();
        }
    }

    void beat() {
        send(HEARTBEAT);
    }

    void end() {
        List.copyOf(listeners).forEach(listener -> listener.response.end());
        listeners.clear();
    }

    private void send(Buffer event) {
        List.copyOf(listeners).forEach(listener -> listener.send(event));
    }

    private void send(FindingChange change, Buffer event) {
        List.copyOf(listeners).stream()
                .filter(listener -> listener.scope.sees(change.container()))
                .forEach(listener -> listener.send(event));
    }

    private static ObjectNode scan(LastScan last, Scope scope) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("endedAt", ReportJson.time(last.at()));
        json.put(
                "findings",
                FindingsAt.timeless(last.report().findings()).stream()
                        .filter(finding -> scope.sees(finding.container()))
                        .count());
        return json;
    }

    /** JSON of ours has no line break in it, so it is one data line. */
    private static Buffer event(String name, JsonNode data) {
        return Buffer.buffer(
                "event: " + name + "\ndata: " + new String(JsonBytes.of(data), StandardCharsets.US_ASCII) + "\n\n");
    }

    private final class Listener {
        private final HttpServerResponse response;
        private final Scope scope;
        private final Queue<Buffer> waiting = new ArrayDeque<>();

        Listener(HttpServerResponse response, Scope scope) {
            this.response = response;
            this.scope = scope;
        }

        void send(Buffer event) {
            if (waiting.isEmpty() && !response.writeQueueFull()) {
                response.write(event);
            } else if (waiting.size() < limits.eventsWaiting()) {
                waiting.add(event);
            } else {
                listeners.remove(this);
                response.reset();
            }
        }

        void drain() {
            while (!response.writeQueueFull()) {
                Buffer next = waiting.poll();
                if (next == null) {
                    return;
                }
                response.write(next);
            }
        }
    }
}
