package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Scalar;
import io.plumbline.kubernetes.ManifestValue.ScalarType;
import io.plumbline.kubernetes.ManifestValue.Sequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** JSON objects, one after the other as {@code kubectl} takes them too. */
final class JsonDocuments implements Documents {

    /** Longer ones are no number of the API. */
    private static final int LONGEST_INTEGER = 40;

    private final JsonParser parser;
    private int values;

    JsonDocuments(JsonFactory factory, String text) throws ManifestException {
        try {
            this.parser = factory.createParser(text);
        } catch (IOException e) {
            throw new ManifestException("not JSON: " + e.getMessage());
        }
    }

    @Override
    public Optional<ManifestValue> next() throws ManifestException {
        try {
            values = 0;
            return parser.nextToken() == null ? Optional.empty() : Optional.of(value(0));
        } catch (JsonProcessingException e) {
            // A limit that was passed has no place of its own.
            JsonLocation location = Objects.requireNonNullElseGet(e.getLocation(), parser::currentLocation);
            throw new ManifestException(
                    location.getLineNr(), location.getColumnNr(), "not JSON: " + withoutSource(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new ManifestException("not JSON: " + e.getMessage());
        }
    }

    /** {@code Unexpected end-of-input: expected close marker for Object (start marker at [Source: ...; line: 1, column: 1])} */
    private static String withoutSource(String message) {
        return message.replaceAll("\\[Source: [^;]*; line: (\\d+), column: (\\d+)]", "line $1, column $2");
    }

    private ManifestValue value(int depth) throws IOException, ManifestException {
        JsonLocation location = parser.currentTokenLocation();
        int line = location.getLineNr();
        int column = location.getColumnNr();
        if (depth > MAX_DEPTH) {
            throw Documents.tooDeep(line, column);
        }
        if (++values > MAX_VALUES) {
            throw Documents.tooMany(line, column, "its text makes");
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(line, column, depth);
            case START_ARRAY -> array(line, column, depth);
            case VALUE_NULL -> new Scalar(line, column, ScalarType.NULL, "null");
            case VALUE_TRUE -> new Scalar(line, column, ScalarType.TRUE, "true");
            case VALUE_FALSE -> new Scalar(line, column, ScalarType.FALSE, "false");
            case VALUE_NUMBER_INT ->
                new Scalar(
                        line,
                        column,
                        parser.getTextLength() > LONGEST_INTEGER ? ScalarType.DECIMAL : ScalarType.INTEGER,
                        parser.getText());
            case VALUE_NUMBER_FLOAT -> new Scalar(line, column, ScalarType.DECIMAL, parser.getText());
            default -> new Scalar(line, column, ScalarType.TEXT, parser.getText());
        };
    }

    private ManifestValue object(int line, int column, int depth) throws IOException, ManifestException {
        MappingBuilder object = new MappingBuilder(line, column);
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            JsonLocation location = parser.currentTokenLocation();
            parser.nextToken();
            object.add(new Field(location.getLineNr(), location.getColumnNr(), name, value(depth + 1)));
        }
        return object.build();
    }

    private ManifestValue array(int line, int column, int depth) throws IOException, ManifestException {
        List<ManifestValue> elements = new ArrayList<>();
        long size = 1;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            ManifestValue element = value(depth + 1);
            elements.add(element);
            size += element.size();
        }
        return new Sequence(line, column, List.copyOf(elements), size);
    }
}
