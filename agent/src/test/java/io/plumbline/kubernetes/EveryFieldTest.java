package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.Pod;
import io.plumbline.model.DeclaredPod;
import java.lang.reflect.Field;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A pod that has every field of the API, each with a value of its type, is read: no field that decides nothing here makes an answer
 * unreadable. The typed objects of the Kubernetes client are generated from the API, so they know what fields there are.
 */
class EveryFieldTest {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** Deeper there is nothing that a pod does not have further up too. */
    private static final int DEPTH = 12;

    @Test
    void podWithEveryFieldIsRead() throws Exception {
        ObjectNode pod =
                ((ObjectNode) value(Pod.class, DEPTH)).put("kind", "Pod").put("apiVersion", "v1");
        assertThat(pod.at("/spec/containers/0/lifecycle").has("stopSignal")).isTrue();

        ObjectNode list = JSON.objectNode().put("kind", "PodList").put("apiVersion", "v1");
        list.putArray("items").add(pod);
        List<DeclaredPod> pods = PodListReaderTest.read(list.toString()).pods();

        assertThat(pods).hasSize(1);
        assertThat(pods.get(0).containers()).hasSize(3);
    }

    private static JsonNode value(Type type, int depth) {
        if (type instanceof ParameterizedType generic) {
            JsonNode inner = value(generic.getActualTypeArguments()[generic.getRawType() == Map.class ? 1 : 0], depth);
            return generic.getRawType() == Map.class
                    ? JSON.objectNode().set("key", inner)
                    : JSON.arrayNode().add(inner);
        }
        if (type == Boolean.class) {
            return JSON.booleanNode(true);
        }
        if (type instanceof Class<?> of && Number.class.isAssignableFrom(of)) {
            return JSON.numberNode(1);
        }
        return type instanceof Class<?> of && of.getPackageName().startsWith("io.fabric8") && !isText(of)
                ? object(of, depth)
                : JSON.textNode("text");
    }

    /** Of several types by the API's own words, and written as a text. */
    private static boolean isText(Class<?> type) {
        return List.of("IntOrString", "Quantity", "MicroTime").contains(type.getSimpleName());
    }

    private static JsonNode object(Class<?> type, int depth) {
        ObjectNode object = JSON.objectNode();
        for (Field field : type.getDeclaredFields()) {
            JsonProperty name = field.getAnnotation(JsonProperty.class);
            if (name != null && depth > 0) {
                object.set(name.value(), value(field.getGenericType(), depth - 1));
            }
        }
        return object;
    }
}
