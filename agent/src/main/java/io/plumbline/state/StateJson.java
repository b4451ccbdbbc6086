package io.plumbline.state;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.plumbline.model.ContainerIdentity;
import io.plumbline.model.FindingKind;
import io.plumbline.model.OpenFinding;
import io.plumbline.model.Severity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The form of the state file: {@code {"version": 1, "open": [...]}}.
 *
 * <p>It outlives a release, in both directions: fields that this version does not know are left out, and so are findings of a kind or a
 * severity that it does not know. Another version is only for what cannot be read so.
 */
final class StateJson {

    private static final int VERSION = 1;

    private static final JsonFactory JSON = new JsonFactory();

    /** By itself, so that a mapper, of 300 classes, is made only where there is a file to read. */
    private static final class Trees {

        private static final JsonMapper OF = JsonMapper.builder(JSON)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .build();

        private Trees() {}
    }

    private StateJson() {}

    static byte[] write(Collection<OpenFinding> open) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("version", VERSION);
            json.writeArrayFieldStart("open");
            for (OpenFinding finding : open) {
                write(finding, json);
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeRaw('\n');
        }
        return bytes.toByteArray();
    }

    private static void write(OpenFinding finding, JsonGenerator json) throws IOException {
        ContainerIdentity container = finding.container();
        json.writeStartObject();
        json.writeStringField("id", finding.id());
        json.writeStringField("kind", finding.kind().word());
        json.writeStringField("check", finding.check());
        json.writeStringField("severity", finding.severity().word());
        json.writeStringField("namespace", container.namespace());
        json.writeStringField("pod", container.pod());
        json.writeStringField("podUid", container.podUid());
        if (container.container().isPresent()) {
            json.writeStringField("container", container.container().get());
        }
        json.writeStringField("containerId", container.containerId());
        json.writeStringField("runtime", container.runtime());
        json.writeStringField("firstSeen", finding.firstSeen().toString());
        json.writeStringField("lastSeen", finding.lastSeen().toString());
        json.writeEndObject();
    }

    /**
     * What a file holds.
     *
     * @param trouble what of it is left out; empty if nothing is
     */
    record Contents(List<OpenFinding> open, Optional<String> trouble) {}

    static Contents read(byte[] bytes) throws MalformedException {
        JsonNode root;
        try {
            root = Trees.OF.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new MalformedException("no whole JSON document", e);
        } catch (IOException e) {
            throw new MalformedException("cannot be decoded", e);
        }
        JsonNode version = root.path("version");
        if (version.asInt() > VERSION) {
            throw new MalformedException("written by a newer plumbline, as version " + version.asInt()
                    + " of a form that this one knows as version " + VERSION);
        }
        if (version.asInt() != VERSION || !root.path("open").isArray()) {
            throw new MalformedException("not a state of version " + VERSION);
        }
        List<OpenFinding> open = new ArrayList<>();
        for (JsonNode json : root.path("open")) {
            finding(json).ifPresent(open::add);
        }
        int unknown = root.path("open").size() - open.size();
        return new Contents(
                open,
                unknown == 0
                        ? Optional.empty()
                        : Optional.of(
                                unknown + " of " + root.path("open").size()
                                        + " findings are of a kind or a severity that this version does not know; leaving them out"));
    }

    /** Empty if it is of a kind or severity that we do not know. */
    private static Optional<OpenFinding> finding(JsonNode json) throws MalformedException {
        Optional<Severity> severity = Severity.ofWord(text(json, "severity"));
        String word = text(json, "kind");
        Optional<FindingKind> kind = Arrays.stream(FindingKind.values())
                .filter(one -> one.word().equals(word))
                .findFirst();
        if (severity.isEmpty() || kind.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new OpenFinding(
                    text(json, "id"),
                    kind.get(),
                    text(json, "check"),
                    severity.get(),
                    new ContainerIdentity(
                            text(json, "namespace"),
                            text(json, "pod"),
                            text(json, "podUid"),
                            json.has("container") ? Optional.of(text(json, "container")) : Optional.empty(),
                            text(json, "containerId"),
                            text(json, "runtime")),
                    Instant.parse(text(json, "firstSeen")),
                    Instant.parse(text(json, "lastSeen"))));
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
