package io.plumbline.http;

import io.plumbline.http.Route.Reply;
import io.plumbline.http.Route.Request;
import io.plumbline.model.AgentState;
import io.plumbline.model.FindingChange;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server: one event loop, which never looks at the node, never waits, and answers from what was published last. */
public final class AgentHttp implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 10;
    private static final int QUESTIONS_AT_A_TIME = 4;
    private static final Logger LOG = LoggerFactory.getLogger(AgentHttp.class);

    private final Vertx vertx;
    private final Context context;
    private final EventStream stream;
    private final ListenAddress address;
    private final Entrance entrance;
    private final Optional<Guard> guard;
    private final Optional<Long> renewal;

    private volatile Optional<AgentState> state = Optional.empty();

    private AgentHttp(
            Vertx vertx, Context context, ListenAddress listen, Content content, Limits limits, Optional<Guard> guard)
            throws IOException {
        this.vertx = vertx;
        this.context = context;
        Api api = new Api(content);
        this.stream = new EventStream(api.json().objects(), limits);
        this.guard = guard;
        this.entrance = new Entrance(vertx, guard.map(one -> new Doorkeeper(one.access(), content.clock())));
        Connections connections = new Connections(vertx, limits);
        HttpServerOptions options = options(limits);
        Optional<Certificate> certificate = Optional.empty();
        if (guard.isPresent()) {
            certificate = Optional.of(new Certificate(guard.get().tls(), vertx, content.clock()));
            certificate.get().into(options);
        }
        HttpServer server = vertx.createHttpServer(options)
                .connectionHandler(connections::opened)
                .invalidRequestHandler(AgentHttp::malformed);
        Router router = router(api);
        server.requestHandler(request -> {
            connections.asked(request);
            router.handle(request);
        });
        int port = await(server.listen(SocketAddress.inetSocketAddress(listen.port(), listen.host())), listen)
                .actualPort();
        this.address = new ListenAddress(listen.host(), port);
        vertx.setPeriodic(limits.heartbeat().toMillis(), tick -> stream.beat());
        this.renewal = certificate.map(
                shown -> shown.keepUpToDate(server, guard.orElseThrow().reload()));
    }

    /**
     * Starts to listen.
     *
     * @param guard empty on an address of the loopback, and there alone
     * @throws IOException if the address cannot be had: one line for the user
     */
    public static AgentHttp start(ListenAddress listen, Content content, Limits limits, Optional<Guard> guard)
            throws IOException {
        if (guard.isEmpty() && !listen.isLoopback()) {
            throw new IllegalArgumentException("strangers can connect to " + listen);
        }
        VertxOptions options = new VertxOptions()
                .setEventLoopPoolSize(1)
                // Where the cluster's word is awaited.
                .setWorkerPoolSize(guard.isPresent() ? QUESTIONS_AT_A_TIME : 1)
                .setInternalBlockingPoolSize(1)
                // The page comes out of memory, so no cache directory is made.
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
        VertxBuilder builder = Vertx.builder().with(options);
        Vertx vertx =
                (guard.isPresent() ? builder.withTransport(new Handshakes(limits.connections())) : builder).build();
        try {
            return new AgentHttp(vertx, vertx.getOrCreateContext(), listen, content, limits, guard);
        } catch (IOException | RuntimeException e) {
            vertx.close();
            throw e;
        }
    }

    /** From now on this is what is answered; whoever listens to the stream hears of the changes. Any thread. */
    public void publish(AgentState now, List<FindingChange> changes) {
        state = Optional.of(now);
        context.runOnContext(later -> stream.tell(now, changes));
    }

    /** Where the page is. */
    public URI url() {
        return URI.create((guard.isPresent() ? "https://" : "http://") + address + "/");
    }

    /** Says good-bye to listeners, answers what is under way, and stops. */
    @Override
    public void close() {
        context.runOnContext(later -> {
            renewal.ifPresent(vertx::cancelTimer);
            stream.end();
            vertx.close();
        });
    }

    private static HttpServerOptions options(Limits limits) {
        return new HttpServerOptions()
                .setMaxInitialLineLength(limits.requestLine())
                .setMaxHeaderSize(limits.headers())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setIdleTimeout((int) limits.idle().toMillis())
                .setHttp2ClearTextEnabled(false)
                .setCompressionSupported(false);
    }

    private static HttpServer await(Future<HttpServer> listening, ListenAddress listen) throws IOException {
        try {
            return listening.toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("cannot listen on " + listen + ": " + why(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException("cannot listen on " + listen + ": it takes too long", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static String why(@Nullable Throwable failure) {
        String message = failure == null ? "" : String.valueOf(failure.getMessage());
        return message.contains("already in use") ? "something else does already" : message;
    }

    private Router router(Api api) {
        Router router = Router.router(vertx);
        router.route().handler(asked -> {
            if (entrance.takes(asked.request())) {
                asked.next();
            }
        });
        for (Route route : api.routes()) {
            router.route(route.pattern()).handler(asked -> serve(route, asked));
        }
        router.errorHandler(
                404,
                asked -> Sending.send(
                        asked.request(),
                        Answer.problem(404, "Not Found", "there is nothing here; /openapi.json lists all there is")));
        router.errorHandler(
                400,
                asked -> Sending.send(
                        asked.request(),
                        Answer.problem(400, "Bad Request", "the path is not encoded as it should be")));
        router.errorHandler(500, asked -> {
            LOG.error("this is a bug in plumbline, please report it", asked.failure());
            Sending.send(
                    asked.request(), Answer.problem(500, "Internal Server Error", "a bug; the agent's log has more"));
        });
        return router;
    }

    private void serve(Route route, RoutingContext asked) {
        HttpServerRequest request = asked.request();
        entrance.admit(request, route.door(), state, scope -> serve(route, asked, scope));
    }

    private void serve(Route route, RoutingContext asked, Scope scope) {
        HttpServerRequest request = asked.request();
        if (!Visitor.reads(request)) {
            Sending.send(
                    request,
                    Answer.problem(405, "Method Not Allowed", "reads only: the HTTP side changes nothing on the node")
                            .with("Allow", "GET, HEAD"));
            return;
        }
        Query query;
        try {
            query = Query.parse(request.query(), route.parameters());
        } catch (BadRequestException e) {
            Sending.send(request, Answer.problem(400, "Bad Request", String.valueOf(e.getMessage())));
            return;
        }
        if (route.reply() instanceof Reply.Whole whole) {
            String accept = request.getHeader("Accept");
            Sending.send(
                    request,
                    whole.of(new Request(
                            asked.pathParams(), query, state.map(scope::of), accept == null ? "" : accept)));
        } else {
            listen(request, scope);
        }
    }

    private void listen(HttpServerRequest request, Scope scope) {
        if (stream.isFull()) {
            Sending.send(
                    request,
                    Answer.problem(503, "Service Unavailable", "too many listeners already")
                            .with("Retry-After", "30"));
            return;
        }
        HttpServerResponse response = request.response();
        Visitor.protect(response);
        response.putHeader("Content-Type", "text/event-stream");
        response.putHeader("Cache-Control", "no-store");
        if (request.method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            stream.join(response, scope);
            guard.ifPresent(one -> vertx.setTimer(one.stream().toMillis(), passed -> stream.leave(response)));
        }
    }

    /** What is no HTTP, or more than the limits allow, with the status that the parser found for it. */
    private static void malformed(HttpServerRequest request) {
        String message = String.valueOf(request.decoderResult().cause());
        Answer answer = Answer.problem(400, "Bad Request", "that is no HTTP request");
        if (message.contains("TooLongHttpLine")) {
            answer = Answer.problem(414, "URI Too Long", "the request line is too long");
        } else if (message.contains("TooLongHttpHeader")) {
            answer = Answer.problem(431, "Request Header Fields Too Large", "the headers are too large");
        }
        Sending.refuseMore(request);
        Sending.send(request, answer);
    }
}
