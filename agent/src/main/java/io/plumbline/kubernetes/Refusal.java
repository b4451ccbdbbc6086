package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an HTTP status other than 200 means, and what to do about it. */
final class Refusal {

    /**
     * pkg/kubelet/server/server.go: {@code Forbidden (user=..., verb=get, resource=nodes, subresource=proxy)} up to 1.31,
     * {@code subresource(s)=[pods proxy]} since.
     */
    private static final Pattern FORBIDDEN = Pattern.compile(
            "Forbidden \\(user=(.*), verb=(.*), resource=(.*), subresource(?:\\(s\\)=\\[([a-z ]*)]|=([a-z]*))\\)");

    private Refusal() {}

    /**
     * The problem, for a {@link KubeletException}.
     *
     * @param path what was asked for, {@code /pods} or {@code /configz}
     * @param body the beginning of what came with the status
     * @param location where a redirect leads
     */
    static String problem(int status, String path, KubeletOptions options, byte[] body, Optional<String> location) {
        if (path.startsWith(ApiServer.PREFIX) || path.startsWith(ApiServer.GROUPS)) {
            return ofApiServer(status, path, options, body);
        }
        return switch (status) {
            case 401 -> "401 Unauthorized: the kubelet does not know us: " + credentials(options);
            case 403 -> "403 Forbidden: " + forbidden(path, new String(body, UTF_8));
            case 404 ->
                "404 Not Found: nothing answers to " + path + " there; is it a kubelet's address, with port "
                        + KubeletOptions.PORT + "? It answered " + Excerpt.of(body);
            case 301, 302, 303, 307, 308 ->
                status + ": redirects to "
                        + location.map(Excerpt::of).orElse("nowhere")
                        + ", which is not followed: a kubelet does not redirect, and the token must not go elsewhere";
            default ->
                status + (status >= 500 ? ": the kubelet failed" : ": not the answer of a kubelet") + ", saying "
                        + Excerpt.of(body);
        };
    }

    private static String right(String path) {
        if (path.startsWith("/api/v1/nodes/")) {
            return "resource 'nodes', verb 'get'";
        }
        if (path.equals("/api/v1/namespaces")) {
            return "resource 'namespaces', verb 'list'";
        }
        return path.startsWith(ApiServer.GROUPS)
                ? "resource 'networkpolicies' of networking.k8s.io, verb 'list'"
                : "resource 'pods', verb 'list'";
    }

    private static String ofApiServer(int status, String path, KubeletOptions options, byte[] body) {
        String token = options.tokenFile().map(file -> "the token in " + file).orElse("what we say of ourselves");
        return switch (status) {
            case 401 -> "401 Unauthorized: the API server refuses " + token;
            case 403 ->
                "403 Forbidden: grant " + right(path) + " in a ClusterRole; the API server said " + Excerpt.of(body);
            default -> status + ": the API server said " + Excerpt.of(body);
        };
    }

    private static String credentials(KubeletOptions options) {
        Optional<Path> token = options.tokenFile();
        Optional<Path> certificate = options.clientCertificate();
        if (token.isPresent()) {
            return "it refuses the token in " + token.get()
                    + ": expired, of another cluster, or token review is off (authentication.webhook.enabled)";
        }
        if (certificate.isPresent()) {
            return "it refuses the client certificate in " + certificate.get()
                    + ": expired, or not signed by its authentication.x509.clientCAFile";
        }
        return "give --kubelet-token-file, or --kubelet-client-cert and --kubelet-client-key";
    }

    private static String forbidden(String path, String body) {
        String subresource = path.substring(1).toLowerCase(Locale.ROOT);
        String rule = "resource 'nodes/" + subresource + "', verb 'get'";
        Matcher said = FORBIDDEN.matcher(body);
        if (!said.find()) {
            return "grant " + rule + " in a ClusterRole; the kubelet said " + Excerpt.of(body);
        }
        String user = said.group(1);
        String asked = said.group(4) == null ? said.group(5) : said.group(4);
        if (user.equals("system:anonymous")) {
            return "the kubelet takes us for nobody (system:anonymous): give --kubelet-token-file, or --kubelet-client-cert and"
                    + " --kubelet-client-key";
        }
        if (asked.equals("proxy")) {
            return "user " + Excerpt.of(user)
                    + " lacks 'nodes/proxy', which this kubelet (1.32 or before, without the feature gate"
                    + " KubeletFineGrainedAuthz) asks for; do not grant it, it lets its holder run commands in every container: use a"
                    + " kubelet of 1.33 or later or the gate, with " + rule + ", or a saved list with --pods";
        }
        return "user " + Excerpt.of(user) + " lacks a rule: grant " + rule + " in a ClusterRole";
    }
}
