package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.Serial;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * Walks one JSON text from its beginning to its end, and keeps nothing of what it passes.
 *
 * <p>As the Kubernetes API reads: {@code null} is the same as left out, an unknown field is passed over, of a field that stands
 * twice the last one counts, and a value of another type than expected is an error. No call leaves the value that it stands on.
 */
final class JsonCursor {

    /** An answer of the kubelet for a full node has 3 MB. */
    static final int MAX_BYTES = 64 << 20;

    private static final int MAX_DEPTH = 200;
    private static final int MAX_TEXT = 4 << 20;
    private static final int HEAD = 256;

    private final JsonParser parser;
    private final Texts texts;
    private final LongUnaryOperator origin;

    /**
     * On a parser that stands on the value to read.
     *
     * @param texts those that may come again
     * @param origin an offset in the text as it came, of one in what the parser was given of it
     */
    private JsonCursor(JsonParser parser, Texts texts, LongUnaryOperator origin) {
        this.parser = parser;
        this.texts = texts;
        this.origin = origin;
    }

    /** On a parser that stands on the value to read. */
    JsonCursor(JsonParser parser) {
        this(parser, new Texts(), LongUnaryOperator.identity());
    }

    /** What is done with a whole text. */
    interface Reader<T> {
        T read(JsonCursor json) throws IOException, KubeletException;
    }

    /** What an object's reader does with one of its fields, the cursor standing on the value; it may ignore it. */
    interface Field {
        void read(String name) throws IOException;
    }

    /** What an array's reader does with one element, the cursor standing on it; it may ignore it. */
    interface Element {
        void read() throws IOException;
    }

    /** A value of another kind than the API has here. */
    static final class UnexpectedValueException extends IOException {
        @Serial
        private static final long serialVersionUID = 1;

        UnexpectedValueException(String message) {
            super(message);
        }
    }

    /** Makes parsers with our limits; one of them for many texts, because it keeps the field names that it met. */
    static JsonFactory factory() {
        return JsonFactory.builder()
                // A field's name may be chosen by a workload; interned names stay for as long as the JVM does.
                .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxDocumentLength(MAX_BYTES)
                        .maxStringLength(MAX_TEXT)
                        .build())
                .build();
    }

    /**
     * Reads one JSON object from its beginning to its end and closes the stream.
     *
     * @param source who gave the text, for messages
     * @param wanted what it should be, for messages: {@code a list of pods}
     * @param reader what to do, the cursor standing on the object
     * @throws KubeletException if it is something else, with the line and column where that showed
     */
    static <T> T read(JsonFactory factory, InputStream in, String source, String wanted, Reader<T> reader)
            throws KubeletException {
        return read(factory, new Texts(), in, LongUnaryOperator.identity(), source, wanted, reader);
    }

    /**
     * The same for who reads again and again.
     *
     * @param texts keeps those that came the last time
     * @param origin an offset in the text as it came, of one in the stream, where that leaves something out
     */
    static <T> T read(
            JsonFactory factory,
            Texts texts,
            InputStream in,
            LongUnaryOperator origin,
            String source,
            String wanted,
            Reader<T> reader)
            throws KubeletException {
        try (in) {
            byte[] head = in.readNBytes(HEAD);
            if (new String(head, UTF_8).isBlank()) {
                throw new KubeletException(source, "empty; expected " + wanted + " as JSON");
            }
            try (JsonParser parser =
                    factory.createParser(new SequenceInputStream(new ByteArrayInputStream(head), in))) {
                return read(parser, texts, origin, head, source, wanted, reader);
            }
        } catch (IOException e) {
            throw new KubeletException(source, "reading failed: " + Excerpt.of(String.valueOf(e.getMessage())), e);
        }
    }

    private static <T> T read(
            JsonParser parser,
            Texts texts,
            LongUnaryOperator origin,
            byte[] head,
            String source,
            String wanted,
            Reader<T> reader)
            throws KubeletException {
        try {
            parser.nextToken();
        } catch (IOException e) {
            throw new KubeletException(
                    source, "not JSON; expected " + wanted + ", but it begins with " + Excerpt.of(head), e);
        }
        JsonCursor json = new JsonCursor(parser, texts, origin);
        try {
            T value = reader.read(json);
            json.end();
            return value;
        } catch (IOException e) {
            throw new KubeletException(source, "not " + wanted + ": " + json.describe(e), e);
        }
    }

    /** In bytes, behind what has been read. */
    long offset() {
        return parser.currentLocation().getByteOffset();
    }

    boolean isNull() {
        return parser.currentToken() == JsonToken.VALUE_NULL;
    }

    /** Calls back for each field; for none where the value is null. */
    void object(Field field) throws IOException {
        if (isNull()) {
            return;
        }
        expect(JsonToken.START_OBJECT, "an object");
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            field.read(name);
            // Does nothing unless the reader left the value as it was.
            parser.skipChildren();
        }
    }

    /** Calls back for each element; for none where the value is null. */
    void array(Element element) throws IOException {
        if (isNull()) {
            return;
        }
        expect(JsonToken.START_ARRAY, "a list");
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            element.read();
            parser.skipChildren();
        }
    }

    /** Empty for null. Texts that stand often in a list of pods are kept once. */
    Optional<String> text() throws IOException {
        if (isNull()) {
            return Optional.empty();
        }
        expect(JsonToken.VALUE_STRING, "a text");
        return texts.of(parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
    }

    /** The same, empty also for the empty text, by which the API means unset too. */
    Optional<String> name() throws IOException {
        return text().filter(text -> !text.isEmpty());
    }

    Optional<Boolean> flag() throws IOException {
        return switch (parser.currentToken()) {
            case VALUE_NULL -> Optional.empty();
            case VALUE_TRUE -> Optional.of(true);
            case VALUE_FALSE -> Optional.of(false);
            default -> throw unexpected("true or false");
        };
    }

    Optional<Long> integer() throws IOException {
        if (isNull()) {
            return Optional.empty();
        }
        expect(JsonToken.VALUE_NUMBER_INT, "a whole number");
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw unexpected("a whole number of 64 bits");
        }
        return Optional.of(parser.getLongValue());
    }

    /** A list of texts; a null in it is the empty text, as the API decodes it. */
    List<String> texts() throws IOException {
        List<String> texts = new ArrayList<>();
        array(() -> texts.add(text().orElse("")));
        return texts;
    }

    List<Long> integers() throws IOException {
        List<Long> integers = new ArrayList<>();
        array(() -> integer().ifPresent(integers::add));
        return integers;
    }

    /** Nothing but white space may follow. */
    private void end() throws IOException {
        if (parser.nextToken() != null) {
            throw new UnexpectedValueException("there is more text behind the end of the JSON object");
        }
    }

    /** A field's value is not what it should be. */
    UnexpectedValueException unexpected(String wanted) throws IOException {
        String found = switch (parser.currentToken()) {
            case START_OBJECT -> "an object";
            case START_ARRAY -> "a list";
            case VALUE_STRING -> "the text " + Excerpt.of(parser.getText());
            default -> Excerpt.of(parser.getText());
        };
        return new UnexpectedValueException("expected " + wanted + ", found " + found);
    }

    /** What is wrong and where, for an exception that one of this cursor's calls threw. */
    private String describe(IOException e) {
        // A value that was read whole is pointed at by its beginning.
        JsonLocation location =
                e instanceof UnexpectedValueException ? parser.currentTokenLocation() : parser.currentLocation();
        long offset = origin.applyAsLong(location.getByteOffset());
        // Behind what was left out nobody has counted lines.
        String where = (offset == location.getByteOffset()
                        ? "line " + location.getLineNr() + ", column " + location.getColumnNr() + " (byte " + offset
                                + ")"
                        : "byte " + offset)
                + path();
        if (e instanceof JsonEOFException) {
            return "it ends in the middle, at " + where;
        }
        if (e instanceof StreamConstraintsException limit) {
            return "at " + where + ": larger than accepted: " + Excerpt.of(limit.getOriginalMessage());
        }
        if (e instanceof JsonProcessingException syntax) {
            return "at " + where + ": not JSON: " + Excerpt.of(syntax.getOriginalMessage());
        }
        if (e instanceof UnexpectedValueException) {
            return "at " + where + ": " + e.getMessage();
        }
        return "at " + where + ": " + Excerpt.of(String.valueOf(e.getMessage()));
    }

    private String path() {
        String path = parser.getParsingContext().pathAsPointer().toString();
        return path.isEmpty() ? "" : ", in " + Excerpt.of(path);
    }

    private void expect(JsonToken token, String wanted) throws IOException {
        if (parser.currentToken() != token) {
            throw unexpected(wanted);
        }
    }
}
