package io.plumbline.runtime;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An object of a runtime's JSON file. {@code null} is the same as left out, and what is left out is zero, false or empty, as in the
 * structures of Go and C that the runtimes read it into. A value of another type than asked for is an error that names the place.
 */
final class JsonObject {

    private final String path;
    private final Map<?, ?> fields;

    private JsonObject(String path, Map<?, ?> fields) {
        this.path = path;
        this.fields = fields;
    }

    /** The outermost object of what {@link RuntimeJson} read. */
    static JsonObject of(Object value) throws MalformedException {
        return new JsonObject("", cast(value, Map.class, "it", "an object"));
    }

    /** The same where the outermost value is a list. */
    static List<JsonObject> listOf(Object value) throws MalformedException {
        return new JsonObject("", Map.of("it", value)).objects("it");
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    /** Empty for the empty text too. */
    Optional<String> text(String name) throws MalformedException {
        Object value = fields.get(name);
        return value == null
                ? Optional.empty()
                : Optional.of(cast(value, String.class, at(name), "a text")).filter(text -> !text.isEmpty());
    }

    boolean flag(String name) throws MalformedException {
        Object value = fields.get(name);
        return value != null && cast(value, Boolean.class, at(name), "true or false");
    }

    long integer(String name) throws MalformedException {
        Object value = fields.get(name);
        return value == null ? 0 : cast(value, Long.class, at(name), "a whole number");
    }

    JsonObject object(String name) throws MalformedException {
        Object value = fields.get(name);
        return new JsonObject(at(name), value == null ? Map.of() : cast(value, Map.class, at(name), "an object"));
    }

    List<String> texts(String name) throws MalformedException {
        return list(name, String.class, "a list of texts");
    }

    List<Long> integers(String name) throws MalformedException {
        return list(name, Long.class, "a list of whole numbers");
    }

    List<JsonObject> objects(String name) throws MalformedException {
        List<JsonObject> objects = new ArrayList<>();
        for (Map<?, ?> element : list(name, Map.class, "a list of objects")) {
            objects.add(new JsonObject(at(name) + "[" + objects.size() + "]", element));
        }
        return objects;
    }

    /** The fields of an object whose values are all texts. */
    Map<String, String> textsByName(String name) throws MalformedException {
        Map<String, String> texts = new HashMap<>();
        for (Map.Entry<?, ?> field : object(name).fields.entrySet()) {
            texts.put((String) field.getKey(), cast(field.getValue(), String.class, at(name), "texts only"));
        }
        return texts;
    }

    private <T> List<T> list(String name, Class<T> type, String wanted) throws MalformedException {
        Object value = fields.get(name);
        if (value == null) {
            return List.of();
        }
        List<T> list = new ArrayList<>();
        for (Object element : cast(value, List.class, at(name), wanted)) {
            list.add(cast(element, type, at(name), wanted));
        }
        return list;
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static <T> T cast(Object value, Class<T> type, String where, String wanted) throws MalformedException {
        if (!type.isInstance(value)) {
            throw new MalformedException(where + ": expected " + wanted + ", found " + nameOf(value));
        }
        return type.cast(value);
    }

    private static String nameOf(Object value) {
        if (value instanceof Map) {
            return "an object";
        }
        if (value instanceof List) {
            return "a list";
        }
        if (value instanceof String) {
            return "a text";
        }
        return value instanceof Boolean ? "true or false" : "a number";
    }
}
