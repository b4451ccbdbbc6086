package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The answer of a kubelet's {@code /pods}: the pods as they are declared, with the status of each container, and each time in another order,
 * because a kubelet goes through a map of them.
 */
final class KubeletPods {
    private static final String STARTED = "2026-11-20T21:41:08Z";

    private KubeletPods() {}

    static ObjectNode of(List<Running> pods) {
        ObjectNode list =
                JsonNodeFactory.instance.objectNode().put("kind", "PodList").put("apiVersion", "v1");
        list.putObject("metadata");
        ArrayNode items = list.putArray("items");
        List<Running> asTheyCome = new ArrayList<>(pods);
        Collections.shuffle(asTheyCome);
        asTheyCome.forEach(running -> items.add(item(running)));
        return list;
    }

    private static ObjectNode item(Running running) {
        ObjectNode item = running.pod().object().deepCopy();
        ObjectNode status = item.putObject("status");
        boolean all = running.containers().size() == running.pod().running().size();
        status.put("phase", all ? "Running" : "Pending").put("startTime", "2026-11-20T21:41:06Z");
        status.put("qosClass", qosClass(running.pod().qos()));
        for (JsonNode container : running.pod().completed()) {
            completed(status.withArray("initContainerStatuses").addObject(), container);
        }
        for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (JsonNode container : item.at("/spec").path(kind)) {
                if (!running.pod().completed().contains(container)) {
                    current(
                            status.withArray(kind.substring(0, kind.length() - 1) + "Statuses")
                                    .addObject(),
                            container,
                            running);
                }
            }
        }
        return item;
    }

    private static void current(ObjectNode status, JsonNode container, Running running) {
        String name = container.get("name").asText();
        Running.Container started = running.containers().get(name);
        status.put("name", name)
                .put("ready", started != null)
                .put("restartCount", 0)
                .put("started", started != null);
        status.put("image", container.get("image").asText());
        if (started == null) {
            status.put("imageID", "").withObject("/state/waiting").put("reason", "CreateContainerConfigError");
        } else {
            status.put("imageID", "sha256:aa193fb5c3137f502fa986de7ade9321477ba3c4be1afed8a26d51794611dcb6");
            status.put("containerID", "containerd://" + started.id());
            status.withObject("/state/running").put("startedAt", STARTED);
        }
        status.putObject("lastState");
    }

    private static void completed(ObjectNode status, JsonNode container) {
        status.put("name", container.get("name").asText()).put("ready", true).put("restartCount", 0);
        status.put("image", container.get("image").asText());
        status.put("containerID", "containerd://" + "00".repeat(32));
        status.withObject("/state/terminated")
                .put("exitCode", 0)
                .put("reason", "Completed")
                .put("startedAt", STARTED)
                .put("finishedAt", STARTED);
        status.putObject("lastState");
    }

    private static String qosClass(String qos) {
        return switch (qos) {
            case "besteffort" -> "BestEffort";
            case "burstable" -> "Burstable";
            default -> "Guaranteed";
        };
    }
}
