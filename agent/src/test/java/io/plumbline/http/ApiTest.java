package io.plumbline.http;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import io.plumbline.checks.Check;
import io.plumbline.checks.drift.DriftChecks;
import io.plumbline.http.MetricsText.Exposition;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each path of a running agent against its description, and each way to ask wrongly. */
@TestInstance(Lifecycle.PER_CLASS)
class ApiTest {
    private static final JsonMapper JSON = new JsonMapper();

    private ServedNode served;
    private JsonNode openapi;

    @BeforeAll
    void serve() throws Exception {
        served = new ServedNode(Limits.USUAL).scanning();
        await().until(() -> served.status("/api/v1/node") == 200
                && served.json("/api/v1/findings").path("total").asInt() > 0);
        openapi = served.json("/openapi.json");
    }

    @AfterAll
    void stop() throws IOException {
        served.close();
    }

    @Test
    void rulesThatCameWithAPolicyCanBeAskedFor() {
        List<String> ids = new ArrayList<>(List.of("user"));
        Parameter check = Parameter.check(() -> ids);
        assertThat(check.trouble("no-root-in-shop")).isPresent();
        ids.add("no-root-in-shop");
        assertThat(check.trouble("no-root-in-shop")).isEmpty();
    }

    @Test
    void descriptionNamesEveryPathAndEveryParameterAndNoOther() {
        List<Route> routes = new Api(new Content(
                        "1",
                        "https://docs.example",
                        () -> DriftChecks.all().stream().map(Check::description).toList(),
                        accept -> new Exposition("text/plain", ""),
                        InstantSource.system()))
                .routes();
        Set<String> described = new TreeSet<>();
        openapi.path("paths").fieldNames().forEachRemaining(described::add);
        assertThat(routes).extracting(Route::path).containsExactlyInAnyOrderElementsOf(described);
        for (Route route : routes) {
            JsonNode get = openapi.path("paths").path(route.path()).path("get");
            Set<String> names = StreamSupport.stream(get.path("parameters").spliterator(), false)
                    .map(this::resolved)
                    .filter(parameter -> parameter.path("in").asText().equals("query"))
                    .map(parameter -> parameter.path("name").asText())
                    .collect(toCollection(TreeSet::new));
            assertThat(route.parameters())
                    .as(route.path())
                    .extracting(Parameter::name)
                    .containsExactlyInAnyOrderElementsOf(names);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyPathAnswersAsDescribed() throws Exception {
        String id = served.json("/api/v1/findings")
                .path("findings")
                .path(0)
                .path("id")
                .asText();
        JsonNode pod = served.json("/api/v1/pods").path("pods").path(0);
        return StreamSupport.stream(
                        ((Iterable<String>) () -> openapi.path("paths").fieldNames()).spliterator(), false)
                .filter(path -> !path.equals("/api/v1/stream"))
                .map(path -> DynamicTest.dynamicTest(path, () -> {
                    String asked = path.replace("{id}", id)
                            .replace("{namespace}", pod.path("namespace").asText())
                            .replace("{name}", pod.path("name").asText());
                    HttpResponse<String> response = served.get(asked);
                    assertThat(response.statusCode()).isEqualTo(200);
                    assertDescribed(path, response);
                    assertProtected(response);

                    HttpResponse<String> head = served.send(
                            HttpRequest.newBuilder(served.url(asked)).method("HEAD", BodyPublishers.noBody()));
                    assertThat(head.statusCode()).isEqualTo(200);
                    assertThat(head.body()).isEmpty();

                    for (String method : List.of("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW")) {
                        HttpResponse<String> refused = served.send(
                                HttpRequest.newBuilder(served.url(asked)).method(method, BodyPublishers.noBody()));
                        assertThat(refused.statusCode()).as(method).isEqualTo(405);
                        assertThat(refused.headers().firstValue("Allow")).contains("GET, HEAD");
                        assertDescribed(path, refused);
                    }
                    HttpResponse<String> unknown = served.get(asked + "?nosuch=1");
                    assertThat(unknown.statusCode()).isEqualTo(400);
                    assertDescribed(path, unknown);
                }));
    }

    @Test
    void unknownParameterIsNamedWithTheNearestKnownOne() throws Exception {
        assertThat(served.json("/api/v1/findings?sevrity=high&kind=dritf&limit=0&pod=a&pod=b&zzzzzzzz=1")
                        .path("detail")
                        .asText())
                .contains(
                        "unknown parameter 'sevrity', did you mean 'severity'?",
                        "kind: there is no 'dritf'; did you mean 'drift'?",
                        "limit: '0' is no whole number from 1 to 500",
                        "pod: given twice",
                        "unknown parameter 'zzzzzzzz', there are kind, check, severity");
    }

    @Test
    void listsAreBoundedAndSayHowMuchThereIs() throws Exception {
        JsonNode all = served.json("/api/v1/findings?limit=500");
        int total = all.path("total").asInt();
        assertThat(total).isGreaterThan(2).isEqualTo(all.path("findings").size());
        JsonNode part = served.json("/api/v1/findings?limit=2&offset=1");
        assertThat(part.path("total").asInt()).isEqualTo(total);
        assertThat(part.path("findings"))
                .containsExactly(
                        all.path("findings").path(1), all.path("findings").path(2));
        assertThat(served.json("/api/v1/findings?offset=1000000").path("findings"))
                .isEmpty();
        assertThat(served.json("/api/v1/processes?limit=3").path("processes")).hasSize(3);
        assertThat(served.json("/api/v1/pods?limit=1").path("pods")).hasSize(1);
    }

    @Test
    void filtersLeaveOutWhatTheyShould() throws Exception {
        JsonNode all = served.json("/api/v1/findings?limit=500").path("findings");
        for (String field : List.of("kind", "check", "severity", "namespace", "pod", "container")) {
            String value = all.path(0).path(field).asText();
            List<JsonNode> expected = StreamSupport.stream(all.spliterator(), false)
                    .filter(finding -> finding.path(field).asText().equals(value))
                    .toList();
            assertThat(served.json("/api/v1/findings?limit=500&" + field + "=" + value)
                            .path("findings"))
                    .as(field)
                    .containsExactlyElementsOf(expected);
        }
        assertThat(served.json("/api/v1/findings?pod=nosuch").path("total").asInt())
                .isZero();

        JsonNode processes = served.json("/api/v1/processes?limit=500").path("processes");
        assertThat(processes)
                .isNotEmpty()
                .allSatisfy(one -> assertThat(one.path("attribution").asText()).isEqualTo("pod"));
        String pod = processes.path(0).path("pod").asText();
        assertThat(served.json("/api/v1/processes?limit=500&pod=" + pod).path("processes"))
                .isNotEmpty()
                .allSatisfy(one -> assertThat(one.path("pod").asText()).isEqualTo(pod));
        assertThat(served.json("/api/v1/processes?unattributed=true").path("processes"))
                .allSatisfy(one -> assertThat(one.path("attribution").asText()).isEqualTo("unattributed"));
    }

    @Test
    void profilesSayHowTheyStandAndWhereTheirSourcesAreWrong() throws Exception {
        JsonNode all = served.json("/api/v1/apparmor/profiles");
        assertThat(all.path("directory").asText()).isEqualTo("/profiles");
        assertThat(all.path("profiles"))
                .extracting(profile -> profile.path("state").asText())
                .containsExactly("missing", "verified", "rejected", "other");
        assertThat(all.at("/profiles/1/usedBy/0").asText()).isEqualTo("shop/hardened");
        assertThat(all.at("/profiles/2/errors/0/line").asInt()).isEqualTo(3);
        JsonNode second = served.json("/api/v1/apparmor/profiles?offset=1&limit=1");
        assertThat(second.path("total").asInt()).isEqualTo(4);
        assertThat(second.path("profiles")).containsExactly(all.at("/profiles/1"));
        JsonNode findings = served.json("/api/v1/findings?kind=profile").path("findings");
        assertThat(findings)
                .extracting(finding -> finding.path("check").asText())
                .containsExactlyInAnyOrder("profile-missing", "profile-rejected");
        assertThat(served.get("/metrics").body())
                .contains(
                        "plumbline_apparmor_profiles{state=\"verified\"} 1",
                        "plumbline_apparmor_profiles{state=\"missing\"} 1");
    }

    @Test
    void plumbTableOfAPodShowsTheLinesThatAreOutOfTrue() throws Exception {
        JsonNode finding = served.json("/api/v1/findings").path("findings").path(0);
        JsonNode pod = served.json("/api/v1/pods/" + finding.path("namespace").asText() + "/"
                + finding.path("pod").asText());
        assertThat(pod.path("open")).contains(finding);
        List<JsonNode> out = StreamSupport.stream(pod.path("tables").spliterator(), false)
                .filter(table -> table.path("containerId").equals(finding.path("containerId")))
                .flatMap(table -> StreamSupport.stream(table.path("attributes").spliterator(), false))
                .filter(row -> row.path("verdict").asText().equals("violates"))
                .toList();
        assertThat(out)
                .extracting(row -> row.path("check").asText())
                .contains(finding.path("check").asText());
        assertThat(out).allSatisfy(row -> {
            assertThat(row.path("severity").isTextual()).isTrue();
            assertThat(row.path("evidence")).isNotEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nosuch",
                "/api",
                "/api/v1",
                "/api/v2/node",
                "/api/v1/findings/000000000000",
                "/api/v1/findings/%3Cscript%3E",
                "/api/v1/pods/nosuch/nosuch",
                "/page/index.html",
                "/page.html",
                "/../../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/api/v1/apparmor"
            })
    void whatIsNotThereIsAProblemThatSaysSo(String path) throws Exception {
        HttpResponse<String> response = served.get(path);
        assertThat(response.statusCode()).isEqualTo(404);
        assertProblem(response);
        assertProtected(response);
    }

    /** Trap: the page of another site lets its own name point to 127.0.0.1 and then reads as if it were us. */
    @Test
    void foreignHostNameIsMisdirected() throws Exception {
        for (String host :
                List.of("attacker.example", "127.0.0.1.attacker.example", "localhost.attacker.example", "10.0.0.1")) {
            assertThat(RawHttp.exchange(
                            served.url("/"),
                            "GET /api/v1/node HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 421 ")
                    .contains("application/problem+json");
        }
        for (String host : List.of("localhost", "localhost:9447", "127.0.0.1", "127.0.0.2:80", "[::1]:9447", "[::1]")) {
            assertThat(RawHttp.exchange(
                            served.url("/"),
                            "GET /version HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n"))
                    .as(host)
                    .startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void randomRequestsAreNeverAnErrorOfOurs() throws Exception {
        Random random = new Random(20261120);
        List<String> paths = new ArrayList<>(List.of("/x"));
        openapi.path("paths").fieldNames().forEachRemaining(path -> paths.add(path.replaceAll("\\{[a-z]+}", "a")));
        // It does not end by itself.
        paths.remove("/api/v1/stream");
        List<String> names = List.of(
                "kind",
                "check",
                "severity",
                "namespace",
                "pod",
                "container",
                "limit",
                "offset",
                "unattributed",
                "verbose",
                "");
        for (int i = 0; i < 600; i++) {
            StringBuilder target = new StringBuilder(paths.get(random.nextInt(paths.size())));
            if (random.nextInt(5) == 0) {
                target.append('/').append(noise(random));
            }
            target.append('?');
            for (int j = random.nextInt(5); j > 0; j--) {
                target.append(random.nextInt(4) == 0 ? noise(random) : names.get(random.nextInt(names.size())))
                        .append(random.nextInt(8) == 0 ? "" : "=")
                        .append(noise(random))
                        .append('&');
            }
            String answer = RawHttp.exchange(
                    served.url("/"), "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(answer).as("%s", target).matches("(?s)HTTP/1.1 (200|400|404|414) .*");
        }
        assertThat(served.status("/readyz")).isEqualTo(200);
    }

    private static String noise(Random random) {
        byte[] bytes = new byte[random.nextInt(12)];
        random.nextBytes(bytes);
        return switch (random.nextInt(4)) {
            case 0 -> "" + random.nextInt();
            case 1 -> "%" + Integer.toHexString(random.nextInt(0x1000));
            case 2 -> URLEncoder.encode(new String(bytes, StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
            default -> new String(bytes, StandardCharsets.ISO_8859_1).replaceAll("[\\s\\x00-\\x20\\x7f]", "");
        };
    }

    private void assertDescribed(String path, HttpResponse<String> response) throws IOException {
        JsonNode responses = openapi.path("paths").path(path).path("get").path("responses");
        String status = "" + response.statusCode();
        JsonNode described = responses.has(status) ? responses.path(status) : responses.path("default");
        String type = response.headers().firstValue("Content-Type").orElse("").replaceFirst(";.*", "");
        assertThat(described.path("content").has(type))
                .as("%s %s: %s", path, status, type)
                .isTrue();
        if (type.endsWith("json")) {
            assertThat(violations(described.path("content").path(type).path("schema"), response.body()))
                    .as("%s: %s", path, response.body())
                    .isEmpty();
        }
    }

    private Set<ValidationMessage> violations(JsonNode schema, String body) throws IOException {
        ObjectNode document = JSON.createObjectNode();
        document.setAll((ObjectNode) schema.deepCopy());
        document.set("components", openapi.path("components"));
        return JsonSchemaFactory.getInstance(VersionFlag.V202012)
                .getSchema(document)
                .validate(JSON.readTree(body));
    }

    private JsonNode resolved(JsonNode parameter) {
        return parameter.has("$ref")
                ? openapi.at(parameter.path("$ref").asText().substring(1))
                : parameter;
    }

    static void assertProblem(HttpResponse<String> response) throws IOException {
        assertThat(response.headers().firstValue("Content-Type")).contains("application/problem+json");
        JsonNode body = JSON.readTree(response.body());
        assertThat(body.path("status").asInt()).isEqualTo(response.statusCode());
        assertThat(body.path("detail").asText()).isNotBlank();
    }

    private static void assertProtected(HttpResponse<String> response) {
        assertThat(response.headers().firstValue("Content-Security-Policy").orElse(""))
                .startsWith("default-src 'self';")
                .doesNotContain("unsafe");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(response.headers().firstValue("X-Frame-Options")).contains("DENY");
        assertThat(response.headers().firstValue("Cache-Control").orElse("")).matches("no-store|no-cache");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
    }
}
