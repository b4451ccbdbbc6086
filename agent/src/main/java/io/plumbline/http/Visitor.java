package io.plumbline.http;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.regex.Pattern;

/** Where a request comes from, and what the browser is told to keep to. */
final class Visitor {

    private static final Pattern LOCAL = Pattern.compile("localhost|127(?:\\.[0-9]{1,3}){3}|\\[?::1]?");

    private Visitor() {}

    /** The request is meant for this machine by its own names, so that no foreign name leads here (DNS rebinding). */
    static boolean isLocal(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        if (authority == null) {
            return request.version() == HttpVersion.HTTP_1_0 && request.getHeader("Host") == null;
        }
        return LOCAL.matcher(authority.host()).matches();
    }

    /** GET or HEAD. */
    static boolean reads(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
    }

    /** Nothing here takes a body; one that is announced is not waited for. */
    static boolean bringsBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return request.getHeader("Transfer-Encoding") != null || (length != null && !length.equals("0"));
    }

    static void protect(HttpServerResponse response) {
        response.putHeader(
                "Content-Security-Policy",
                "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'");
        response.putHeader("X-Content-Type-Options", "nosniff");
        response.putHeader("X-Frame-Options", "DENY");
        response.putHeader("Referrer-Policy", "no-referrer");
        response.putHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.putHeader("Cross-Origin-Resource-Policy", "same-origin");
    }
}
