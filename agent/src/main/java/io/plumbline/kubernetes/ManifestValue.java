package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** A value of a manifest, YAML or JSON, and where it stands: lines and columns count from 1. */
sealed interface ManifestValue {

    int line();

    int column();

    /** How many values it holds, itself counted; what an alias stands for is counted each time. */
    long size();

    /** What it is, for messages. */
    String words();

    /** Writes it as JSON. */
    void write(JsonGenerator json) throws IOException;

    enum ScalarType {
        NULL,
        TRUE,
        FALSE,
        INTEGER,
        DECIMAL,
        TEXT
    }

    /** A value without parts; numbers in decimal notation. */
    record Scalar(int line, int column, ScalarType type, String text) implements ManifestValue {
        @Override
        public long size() {
            return 1;
        }

        @Override
        public String words() {
            return switch (type) {
                case NULL -> "nothing";
                case TRUE, FALSE, INTEGER, DECIMAL -> Excerpt.of(text);
                case TEXT -> "the text " + Excerpt.of(text);
            };
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            switch (type) {
                case NULL -> json.writeNull();
                case TRUE -> json.writeBoolean(true);
                case FALSE -> json.writeBoolean(false);
                case INTEGER -> write(new BigInteger(text), json);
                case DECIMAL -> json.writeNumber(text);
                case TEXT -> json.writeString(text);
            }
        }

        /** Readers refuse what is not a long. */
        private static void write(BigInteger number, JsonGenerator json) throws IOException {
            if (number.bitLength() < Long.SIZE) {
                json.writeNumber(number.longValue());
            } else {
                json.writeNumber(number);
            }
        }
    }

    record Sequence(int line, int column, List<ManifestValue> elements, long size) implements ManifestValue {
        @Override
        public String words() {
            return "a list";
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeStartArray();
            for (ManifestValue element : elements) {
                element.write(json);
            }
            json.writeEndArray();
        }
    }

    /** No two fields have the same name. */
    record Mapping(int line, int column, List<Field> fields, long size) implements ManifestValue {
        @Override
        public String words() {
            return "an object";
        }

        /** The value of a field; a null is the same as none. */
        Optional<ManifestValue> get(String name) {
            for (Field field : fields) {
                if (field.name().equals(name)) {
                    return field.value() instanceof Scalar scalar && scalar.type() == ScalarType.NULL
                            ? Optional.empty()
                            : Optional.of(field.value());
                }
            }
            return Optional.empty();
        }

        @Override
        public void write(JsonGenerator json) throws IOException {
            json.writeStartObject();
            for (Field field : fields) {
                json.writeFieldName(field.name());
                field.value().write(json);
            }
            json.writeEndObject();
        }
    }

    /** A field of a mapping, and where its name stands. */
    record Field(int line, int column, String name, ManifestValue value) {}
}
