package io.plumbline.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The certificate that is shown now. A new one that is no good changes nothing, and is said once. */
final class Certificate {

    private static final Logger LOG = LoggerFactory.getLogger(Certificate.class);

    private final Tls source;
    private Tls.Pair tried;
    private String said = "";

    /** @throws IOException if there is none to begin with */
    Certificate(Tls source) throws IOException {
        this.source = source;
        this.tried = source.pair();
    }

    void into(HttpServerOptions options) {
        options.setSsl(true).setUseAlpn(false).setKeyCertOptions(tried.options());
    }

    /**
     * Looks again and again; connections that stand go on with what they were shown.
     *
     * @return the timer, to be cancelled before the server closes: there is nobody to look then
     */
    long keepUpToDate(Vertx vertx, HttpServer server, Duration every) {
        return vertx.setPeriodic(
                every.toMillis(),
                tick -> vertx.executeBlocking(source::pair, false)
                        .onSuccess(pair -> show(pair, server))
                        .onFailure(failure -> say(String.valueOf(failure.getMessage()))));
    }

    private void show(Tls.Pair pair, HttpServer server) {
        if (pair.equals(tried)) {
            return;
        }
        tried = pair;
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(pair.options()))
                .onSuccess(done -> {
                    said = "";
                    LOG.info("serving a new certificate");
                })
                .onFailure(failure -> say(String.valueOf(failure.getMessage())));
    }

    private void say(String trouble) {
        if (!trouble.equals(said)) {
            said = trouble;
            LOG.warn("the new certificate cannot be used, the old one stays: {}", trouble);
        }
    }
}
