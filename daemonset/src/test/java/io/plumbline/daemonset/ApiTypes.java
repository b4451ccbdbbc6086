package io.plumbline.daemonset;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The API's types judge an object: what none of their fields takes is left over. */
final class ApiTypes {

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    private ApiTypes() {}

    /** Paths of fields that the object's type does not have; fails on a value of the wrong type. */
    static List<String> unknownFields(String yaml) {
        HasMetadata object = SERIALIZATION.unmarshal(yaml);
        List<String> unknown = new ArrayList<>();
        walk(object, object.getKind(), unknown);
        return unknown;
    }

    private static void walk(Object value, String path, List<String> unknown) {
        if (value instanceof Collection<?> items) {
            int index = 0;
            for (Object item : items) {
                walk(item, path + "[" + index++ + "]", unknown);
            }
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> walk(item, path + "." + key, unknown));
        } else if (value != null && value.getClass().getName().startsWith("io.fabric8.")) {
            for (Method getter : value.getClass().getMethods()) {
                if (getter.getParameterCount() == 0 && getter.getName().startsWith("get")) {
                    follow(value, getter, path, unknown);
                }
            }
        }
    }

    private static void follow(Object value, Method getter, String path, List<String> unknown) {
        Object inner;
        try {
            inner = getter.invoke(value);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new LinkageError(path + " " + getter, e);
        }
        if (getter.getName().equals("getAdditionalProperties") && inner instanceof Map<?, ?> left) {
            left.keySet().forEach(name -> unknown.add(path + "." + name));
        } else {
            walk(inner, path + "." + getter.getName().substring(3), unknown);
        }
    }
}
