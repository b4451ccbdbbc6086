package io.plumbline;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.plumbline.kubernetes.KubeletException;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.DeclaredNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * Pods for tests, written as manifests and read as a kubelet's answer is read.
 *
 * <p>What a kubelet would add is added where it is not said: namespace {@code shop}, a UID, and the status of a running container with an
 * id. Both ids follow from the names.
 */
public final class Pods {

    private static final YAMLMapper YAML = new YAMLMapper();
    private static final List<List<String>> LISTS = List.of(
            List.of("initContainers", "initContainerStatuses"),
            List.of("containers", "containerStatuses"),
            List.of("ephemeralContainers", "ephemeralContainerStatuses"));

    private Pods() {}

    /** The kubelet's answer with these pods, each a document of the YAML text. */
    public static DeclaredNode read(String manifests) {
        try {
            ObjectNode list =
                    JsonNodeFactory.instance.objectNode().put("kind", "PodList").put("apiVersion", "v1");
            ArrayNode items = list.putArray("items");
            try (var documents = YAML.readerFor(JsonNode.class).<JsonNode>readValues(manifests)) {
                documents.forEachRemaining(pod -> items.add(complete((ObjectNode) pod)));
            }
            Path file = Files.createTempFile("pods", ".json");
            try {
                Files.writeString(file, list.toString());
                return new PodsFile(file).read();
            } finally {
                Files.delete(file);
            }
        } catch (IOException | KubeletException e) {
            throw new IllegalArgumentException(manifests, e);
        }
    }

    /** The UID of the pod of this name. */
    public static String uid(String pod) {
        return UUID.nameUUIDFromBytes(pod.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** The id of a container, or of the sandbox of a pod if that is its name. */
    public static String containerId(String pod, String container) {
        return (uid(pod + "/" + container) + uid(container + "/" + pod)).replace("-", "");
    }

    private static ObjectNode complete(ObjectNode pod) {
        pod.put("kind", "Pod").put("apiVersion", "v1");
        ObjectNode metadata = pod.withObject("/metadata");
        String name = metadata.get("name").asText();
        if (!metadata.has("namespace")) {
            metadata.put("namespace", "shop");
        }
        if (!metadata.has("uid")) {
            metadata.put("uid", uid(name));
        }
        ObjectNode spec = pod.withObject("/spec");
        spec.put("nodeName", "node1");
        if (!spec.has("containers")) {
            spec.putArray("containers").addObject().put("name", "main");
        }
        ObjectNode status = pod.withObject("/status");
        for (List<String> names : LISTS) {
            if (spec.has(names.get(0)) && !status.has(names.get(1))) {
                ArrayNode statuses = status.putArray(names.get(1));
                spec.get(names.get(0)).forEach(container -> statuses.add(running(name, container)));
            }
        }
        return pod;
    }

    private static ObjectNode running(String pod, JsonNode container) {
        String name = container.get("name").asText();
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.put("name", name).put("containerID", "containerd://" + containerId(pod, name));
        status.putObject("state").putObject("running").put("startedAt", "2026-11-20T21:00:00Z");
        return status;
    }
}
