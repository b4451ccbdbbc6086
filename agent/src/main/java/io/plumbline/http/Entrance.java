package io.plumbline.http;

import io.plumbline.http.Doorkeeper.Decision;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lets a request in, with what it may see; or answers it. Of the event loop, which waits for nobody. */
final class Entrance {

    /** So many questions to the cluster at a time; a flood of made-up tokens is not passed on to it. */
    private static final int MOST_WAITING = 64;

    private static final int MOST_TOKEN = 16_384;

    /**
     * A token is a bearer's. A browser asks its user for name and password and nothing else, so a token is taken as a password too,
     * whatever the name.
     */
    private static final String CHALLENGE =
            "Bearer realm=\"plumbline\", Basic realm=\"plumbline: any name, and a token as the password\"";

    private final Vertx vertx;
    private final Optional<Doorkeeper> doorkeeper;
    private int waiting;

    /** @param doorkeeper empty where only this machine can connect */
    Entrance(Vertx vertx, Optional<Doorkeeper> doorkeeper) {
        this.vertx = vertx;
        this.doorkeeper = doorkeeper;
    }

    /** What holds for every path, known or not; false where the request was answered. */
    boolean takes(HttpServerRequest request) {
        if (doorkeeper.isEmpty() && !Visitor.isLocal(request)) {
            // A page of another site can make a name of its own point here, and would then read all of it.
            Sending.send(
                    request,
                    Answer.problem(
                            421,
                            "Misdirected Request",
                            "this agent answers to localhost and to addresses of the loopback alone"));
            return false;
        }
        if (Visitor.bringsBody(request)) {
            Sending.refuseMore(request);
            if (Visitor.reads(request)) {
                Sending.send(request, Answer.problem(413, "Content Too Large", "nothing here takes a body"));
                return false;
            }
        }
        return true;
    }

    /** Goes on with what the caller may see, now or when the cluster has said so. */
    void admit(HttpServerRequest request, Door door, Optional<AgentState> state, Consumer<Scope> next) {
        if (doorkeeper.isEmpty() || door == Door.OPEN) {
            next.accept(Scope.EVERYTHING);
            return;
        }
        Optional<String> token = token(request.getHeader("Authorization"));
        if (token.isEmpty()) {
            Sending.send(request, stranger("no token: send one as Authorization: Bearer"));
            return;
        }
        if (waiting >= MOST_WAITING) {
            Sending.send(request, busy("too many callers wait for the cluster's word already"));
            return;
        }
        waiting++;
        Collection<String> namespaces = door == Door.TENANTS ? namespaces(state) : List.of();
        String path = request.path();
        vertx.executeBlocking(() -> doorkeeper.get().decide(token.get(), path, namespaces), false)
                .onComplete(decided -> {
                    waiting--;
                    if (decided.succeeded()) {
                        obey(decided.result(), request, door, next);
                    } else {
                        Sending.send(
                                request, busy(String.valueOf(decided.cause().getMessage())));
                    }
                });
    }

    private static void obey(Decision decision, HttpServerRequest request, Door door, Consumer<Scope> next) {
        if (decision instanceof Decision.Enter enter) {
            next.accept(enter.scope());
        } else if (decision instanceof Decision.Refused refused) {
            Sending.send(request, Answer.problem(403, "Forbidden", missing(refused.user(), request.path(), door)));
        } else if (decision instanceof Decision.NobodyToAsk nobody) {
            Sending.send(request, busy("who may see this cannot be asked just now: " + nobody.why()));
        } else {
            Sending.send(request, stranger("the cluster knows nobody by this token"));
        }
    }

    private static String missing(String user, String path, Door door) {
        return "'" + user + "' may not get " + path + ": a ClusterRole with nonResourceURLs: [\""
                + (path.equals("/metrics") ? path : Doorkeeper.OURS + path) + "\"], verbs: [get] allows it"
                + (door == Door.TENANTS ? "; the right to get pods of a namespace opens what there is of it" : "");
    }

    private static Answer stranger(String why) {
        return Answer.problem(401, "Unauthorized", why).with("WWW-Authenticate", CHALLENGE);
    }

    private static Answer busy(String why) {
        return Answer.problem(503, "Service Unavailable", why).with("Retry-After", "10");
    }

    private static Collection<String> namespaces(Optional<AgentState> state) {
        Collection<String> namespaces = new TreeSet<>();
        state.flatMap(AgentState::last)
                .map(LastScan::report)
                .ifPresent(report -> report.containers()
                        .forEach(container ->
                                namespaces.add(container.view().identity().namespace())));
        namespaces.remove("");
        return namespaces;
    }

    private static Optional<String> token(@Nullable String header) {
        if (header == null || header.length() > MOST_TOKEN) {
            return Optional.empty();
        }
        int space = header.indexOf(' ');
        String scheme = space < 0 ? "" : header.substring(0, space);
        String value = header.substring(space + 1).strip();
        if (scheme.equalsIgnoreCase("Basic")) {
            return password(value);
        }
        return scheme.equalsIgnoreCase("Bearer") && !value.isEmpty() ? Optional.of(value) : Optional.empty();
    }

    private static Optional<String> password(String base64) {
        try {
            String pair = new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
            String password = pair.substring(pair.indexOf(':') + 1);
            return password.isEmpty() ? Optional.empty() : Optional.of(password);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
