package io.plumbline.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.checks.CheckDescription;
import io.plumbline.http.Pods.PodOnNode;
import io.plumbline.http.Route.Reply;
import io.plumbline.http.Route.Request;
import io.plumbline.model.AgentState;
import io.plumbline.model.AgentState.LastScan;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.Attribution;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.Finding;
import io.plumbline.model.NodeView;
import io.plumbline.model.ScanReport;
import io.plumbline.report.ProfileJson;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/** Every path, and what is answered there. All of it is a function of the last state that was published. */
final class Api {

    private static final String RETRY_SECONDS = "2";

    private final Content content;
    private final ApiJson json;
    private final Parameter check;

    Api(Content content) {
        this.content = content;
        this.json = new ApiJson(content);
        this.check = Parameter.check(
                () -> content.checks().get().stream().map(CheckDescription::id).toList());
    }

    List<Route> routes() {
        return List.of(
                route("/api/v1/node", Door.OPERATORS, List.of(), scanned((request, last) -> node(request, last))),
                route(
                        "/api/v1/findings",
                        Door.TENANTS,
                        List.of(
                                Parameter.KIND,
                                check,
                                Parameter.SEVERITY,
                                Parameter.NAMESPACE,
                                Parameter.POD,
                                Parameter.CONTAINER,
                                Parameter.LIMIT,
                                Parameter.OFFSET),
                        scanned(this::findings)),
                route("/api/v1/findings/{id}", Door.TENANTS, List.of(), scanned(this::finding)),
                route(
                        "/api/v1/pods",
                        Door.TENANTS,
                        List.of(Parameter.NAMESPACE, Parameter.LIMIT, Parameter.OFFSET),
                        scanned(this::pods)),
                route("/api/v1/pods/{namespace}/{name}", Door.TENANTS, List.of(), scanned(this::pod)),
                route(
                        "/api/v1/processes",
                        Door.TENANTS,
                        List.of(
                                Parameter.NAMESPACE,
                                Parameter.POD,
                                Parameter.CONTAINER,
                                Parameter.UNATTRIBUTED,
                                Parameter.LIMIT,
                                Parameter.OFFSET),
                        scanned(this::processes)),
                route(
                        "/api/v1/apparmor/profiles",
                        Door.OPERATORS,
                        List.of(Parameter.LIMIT, Parameter.OFFSET),
                        scanned(this::profiles)),
                route("/api/v1/checks", Door.TENANTS, List.of(), request -> checks()),
                new Route("/api/v1/stream", Door.TENANTS, List.of(), new Reply.Stream()),
                route("/openapi.json", Door.TENANTS, List.of(), StaticFiles.answer("openapi.json", "application/json")),
                route("/metrics", Door.OPERATORS, List.of(), request -> metrics(request.accept())),
                route("/healthz", Door.OPEN, List.of(), this::alive),
                route("/livez", Door.OPEN, List.of(), this::alive),
                route(
                        "/readyz",
                        Door.OPEN,
                        List.of(Parameter.VERBOSE),
                        request -> Health.ready(
                                request.state(), request.query().has(Parameter.VERBOSE), System.nanoTime())),
                route("/version", Door.TENANTS, List.of(), request -> version()),
                route("/", Door.TENANTS, List.of(), StaticFiles.answer("page/index.html", "text/html; charset=utf-8")),
                route(
                        "/page.css",
                        Door.TENANTS,
                        List.of(),
                        StaticFiles.answer("page/page.css", "text/css; charset=utf-8")),
                route(
                        "/page.js",
                        Door.TENANTS,
                        List.of(),
                        StaticFiles.answer("page/page.js", "text/javascript; charset=utf-8")),
                route("/icon.svg", Door.TENANTS, List.of(), StaticFiles.answer("page/icon.svg", "image/svg+xml")));
    }

    ApiJson json() {
        return json;
    }

    private static Route route(String path, Door door, List<Parameter> parameters, Reply.Whole reply) {
        return new Route(path, door, parameters, reply);
    }

    /** What can only be answered from a scan. */
    private static Reply.Whole scanned(BiFunction<Request, LastScan, Answer> reply) {
        return request -> {
            Optional<LastScan> last = request.state().flatMap(AgentState::last);
            if (last.isPresent()) {
                return reply.apply(request, last.get());
            }
            String trouble = request.state().flatMap(AgentState::scanTrouble).orElse("the first scan is under way");
            return Answer.problem(503, "Not scanned yet", trouble).with("Retry-After", RETRY_SECONDS);
        };
    }

    private Answer node(Request request, LastScan last) {
        return Answer.json(json.node(request.state().orElseThrow(), last));
    }

    private Answer findings(Request request, LastScan last) {
        Query query = request.query();
        List<Finding> chosen = last.report().findings().stream()
                .filter(finding -> query.allows("kind", finding.kind().word())
                        && query.allows("check", finding.check())
                        && query.allows("severity", finding.severity().word())
                        && isOf(query, finding.container()))
                .toList();
        return list(query, last, "findings", chosen, json.objects()::finding);
    }

    private Answer finding(Request request, LastScan last) {
        String id = request.value("id");
        return last.report().findings().stream()
                .filter(finding -> finding.id().equals(id))
                .findFirst()
                .map(finding -> Answer.json(json.objects().finding(finding)))
                .orElse(Answer.problem(404, "No such finding", "no open finding has the id '" + id + "'"));
    }

    private Answer pods(Request request, LastScan last) {
        ScanReport report = last.report();
        List<PodOnNode> chosen = Pods.of(report).stream()
                .filter(pod -> request.query().allows("namespace", pod.namespace()))
                .toList();
        return list(request.query(), last, "pods", chosen, pod -> json.pod(pod, Pods.findings(pod, report)));
    }

    private Answer pod(Request request, LastScan last) {
        ScanReport report = last.report();
        String namespace = request.value("namespace");
        String name = request.value("name");
        // The newest of one name: the older one's processes are about to go.
        return Pods.of(report).stream()
                .filter(pod -> pod.namespace().equals(namespace) && pod.name().equals(name))
                .reduce((older, newer) -> newer)
                .map(pod -> Answer.json(json.podInFull(pod, Pods.findings(pod, report))))
                .orElse(Answer.problem(
                        404,
                        "No such pod",
                        "no pod '" + name + "' with a process in namespace '" + namespace + "' on this node"));
    }

    private Answer processes(Request request, LastScan last) {
        Query query = request.query();
        NodeView node = last.report().node();
        boolean nobodys = query.isTrue(Parameter.UNATTRIBUTED);
        Stream<AttributedProcess> candidates = nobodys
                ? node.others().stream().filter(process -> process.attribution() instanceof Attribution.Unattributed)
                : node.containers().stream().flatMap(container -> container.processes().stream());
        List<AttributedProcess> chosen = candidates
                .filter(process -> ApiJson.owner(process.attribution())
                        .map(container -> isOf(query, container))
                        .orElse(nobodys))
                .toList();
        return list(query, last, "processes", chosen, process -> json.process(process, node.facts()));
    }

    private Answer profiles(Request request, LastScan last) {
        Query query = request.query();
        AppArmorProfiles all = last.report().node().profiles();
        int offset = query.number(Parameter.OFFSET, 0);
        int limit = query.number(Parameter.LIMIT, Parameter.USUAL_LIMIT);
        ObjectNode body = json.page(all.profiles().size(), offset, limit, last);
        body.setAll(ProfileJson.of(all, offset, limit));
        return Answer.json(body);
    }

    private static boolean isOf(Query query, ContainerIdentity container) {
        return query.allows("namespace", container.namespace())
                && query.allows("pod", container.pod())
                && query.allows("container", container.container().orElse(""));
    }

    private <T> Answer list(Query query, LastScan last, String name, List<T> chosen, Function<T, ObjectNode> shape) {
        int offset = query.number(Parameter.OFFSET, 0);
        int limit = query.number(Parameter.LIMIT, Parameter.USUAL_LIMIT);
        ObjectNode body = json.page(chosen.size(), offset, limit, last);
        ArrayNode items = body.putArray(name);
        chosen.stream().skip(offset).limit(limit).forEach(item -> items.add(shape.apply(item)));
        return Answer.json(body);
    }

    private Answer checks() {
        List<CheckDescription> checks = content.checks().get();
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("total", checks.size());
        ArrayNode items = body.putArray("checks");
        checks.forEach(one -> items.add(json.check(one)));
        return Answer.json(body);
    }

    private Answer metrics(String accept) {
        MetricsText.Exposition text = content.metrics().in(accept);
        return new Answer(200, text.contentType(), Buffer.buffer(text.body()), Map.of());
    }

    private Answer alive(Request request) {
        return Health.alive(request.state(), System.nanoTime());
    }

    private Answer version() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("version", content.version());
        body.put("java", System.getProperty("java.version"));
        return Answer.json(body);
    }
}
