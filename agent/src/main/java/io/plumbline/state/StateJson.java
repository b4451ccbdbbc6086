package io.plumbline.state;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** The form of the state file: {@code {"version": 1, "open": [...]}}. */
final class StateJson {

    private static final int VERSION = 1;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private StateJson() {}

    static byte[] write(Collection<OpenFinding> open) {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", VERSION);
        ArrayNode findings = root.putArray("open");
        for (OpenFinding finding : open) {
            ObjectNode json = findings.addObject();
            json.put("id", finding.id());
            json.put("kind", finding.kind().word());
            json.put("check", finding.check());
            json.put("severity", finding.severity().word());
            ContainerIdentity container = finding.container();
            json.put("namespace", container.namespace());
            json.put("pod", container.pod());
            json.put("podUid", container.podUid());
            container.container().ifPresent(name -> json.put("container", name));
            json.put("containerId", container.containerId());
            json.put("runtime", container.runtime());
            json.put("firstSeen", finding.firstSeen().toString());
            json.put("lastSeen", finding.lastSeen().toString());
        }
        return (root + "\n").getBytes(StandardCharsets.UTF_8);
    }

    static List<OpenFinding> read(byte[] bytes) throws MalformedException {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new MalformedException("no whole JSON document", e);
        } catch (IOException e) {
            throw new MalformedException("cannot be decoded", e);
        }
        if (root.path("version").asInt() != VERSION || !root.path("open").isArray()) {
            throw new MalformedException("not a state of version " + VERSION);
        }
        List<OpenFinding> open = new ArrayList<>();
        for (JsonNode json : root.path("open")) {
            open.add(finding(json));
        }
        return open;
    }

    private static OpenFinding finding(JsonNode json) throws MalformedException {
        String severity = text(json, "severity");
        String kind = text(json, "kind");
        try {
            return new OpenFinding(
                    text(json, "id"),
                    Arrays.stream(FindingKind.values())
                            .filter(one -> one.word().equals(kind))
                            .findFirst()
                            .orElseThrow(() -> new MalformedException("a finding of an unknown kind")),
                    text(json, "check"),
                    Severity.ofWord(severity)
                            .orElseThrow(() -> new MalformedException("a finding of an unknown severity")),
                    new ContainerIdentity(
                            text(json, "namespace"),
                            text(json, "pod"),
                            text(json, "podUid"),
                            json.has("container") ? Optional.of(text(json, "container")) : Optional.empty(),
                            text(json, "containerId"),
                            text(json, "runtime")),
                    Instant.parse(text(json, "firstSeen")),
                    Instant.parse(text(json, "lastSeen")));
        } catch (DateTimeException e) {
            throw new MalformedException("a finding with a time that is none", e);
        }
    }

    private static String text(JsonNode json, String name) throws MalformedException {
        JsonNode value = json.path(name);
        if (!value.isTextual()) {
            throw new MalformedException("a finding without " + name);
        }
        return value.textValue();
    }
}
