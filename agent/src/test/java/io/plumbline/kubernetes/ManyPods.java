package io.plumbline.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.CapturedNode;
import java.io.IOException;

/** The answer of a kubelet for a crowded node: captured pods again and again, with the bulk that pods have in practice. */
public final class ManyPods {

    /** What the API server keeps of each pod's writers, environment and tolerations: about 10 KB a pod in all. */
    private static final int BULK = 74;

    private ManyPods() {}

    /** A PodList as the kubelet writes it, without white space. */
    public static byte[] json(int count) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode list = (ObjectNode) mapper.readTree(
                CapturedNode.kubernetes().resolve("kubelet-pods.json").toFile());
        ArrayNode captured = (ArrayNode) list.get("items");
        ArrayNode items = mapper.createArrayNode();
        for (int i = 0; i < count; i++) {
            ObjectNode pod = captured.get(i % captured.size()).deepCopy();
            ObjectNode metadata = (ObjectNode) pod.get("metadata");
            metadata.put("name", metadata.get("name").asText() + "-" + i);
            metadata.put("uid", String.format("00000000-0000-4000-8000-%012d", i));
            metadata.withObject("labels")
                    .put("app.kubernetes.io/name", "app-" + i % 40)
                    .put("pod-template-hash", "h" + i % 40);
            ObjectNode fields = metadata.withArray("managedFields").addObject();
            ObjectNode owned =
                    fields.put("manager", "kubelet").put("operation", "Update").putObject("fieldsV1");
            for (int k = 0; k < BULK; k++) {
                owned.putObject("k:{\"type\":\"Condition" + k + "\"}").putObject("f:status");
            }
            for (JsonNode container : pod.get("spec").get("containers")) {
                ArrayNode env = ((ObjectNode) container).putArray("env");
                for (int k = 0; k < BULK / 2; k++) {
                    env.addObject()
                            .put("name", "SETTING_" + k)
                            .put("value", "the value of setting " + k + " of pod " + i);
                }
            }
            ((ObjectNode) pod.get("status")).withArray("containerStatuses").forEach(status -> {
                if (status.has("containerID")) {
                    ((ObjectNode) status)
                            .put("containerID", "containerd://" + String.format("%064x", status.hashCode() * 31L));
                }
            });
            items.add(pod);
        }
        list.set("items", items);
        return mapper.writeValueAsBytes(list);
    }
}
