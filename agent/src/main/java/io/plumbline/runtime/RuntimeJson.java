package io.plumbline.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a runtime's JSON file into maps, lists, texts, truth values and numbers; a null and what is passed over leave no trace. */
final class RuntimeJson {

    /** A bundle's deepest part, seccomp's arguments, is eight levels down. */
    private static final int MAX_DEPTH = 100;

    private final Set<String> passedOver;
    private final JsonFactory factory = JsonFactory.builder()
            // A name may be chosen by a workload; interned names stay for as long as the JVM does.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build();

    /**
     * Makes a reader.
     *
     * @param passedOver names of fields that are not read, wherever they stand
     */
    RuntimeJson(Set<String> passedOver) {
        this.passedOver = Set.copyOf(passedOver);
    }

    Object read(byte[] content) throws MalformedException {
        try (JsonParser parser = factory.createParser(content)) {
            if (parser.nextToken() == null) {
                throw new MalformedException("empty");
            }
            Object value = value(parser);
            if (value == null) {
                throw new MalformedException("nothing but null");
            }
            if (parser.nextToken() != null) {
                throw new MalformedException("more text behind its end" + at(parser.currentTokenLocation()));
            }
            return value;
        } catch (StreamConstraintsException e) {
            throw new MalformedException("larger or deeper than accepted" + at(e.getLocation()));
        } catch (JsonProcessingException e) {
            throw new MalformedException("not JSON, or cut off," + at(e.getLocation()));
        } catch (IOException e) {
            throw new MalformedException("not UTF-8 text");
        }
    }

    private @Nullable Object value(JsonParser parser) throws IOException, MalformedException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> fields(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_NUMBER_INT ->
                parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? parser.getBigIntegerValue()
                        : (Object) parser.getLongValue();
            default -> parser.getDoubleValue();
        };
    }

    private Map<String, Object> fields(JsonParser parser) throws IOException, MalformedException {
        Map<String, Object> fields = new HashMap<>();
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            if (passedOver.contains(name)) {
                parser.skipChildren();
                continue;
            }
            Object value = value(parser);
            if (value != null && fields.put(name, value) != null) {
                // Runtimes differ in which of the two they would take.
                throw new MalformedException("a field twice in one object" + at(parser.currentTokenLocation()));
            }
        }
        return fields;
    }

    private List<Object> elements(JsonParser parser) throws IOException, MalformedException {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object value = value(parser);
            if (value != null) {
                elements.add(value);
            }
        }
        return elements;
    }

    private static String at(@Nullable JsonLocation location) {
        return location == null ? "" : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }
}
