package io.plumbline.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.Serial;
import java.io.Writer;
import org.jspecify.annotations.Nullable;

/** JSON as it leaves: in printable ASCII, because a process may call itself anything, and a terminal may be at the other end. */
public final class AsciiJson {

    private AsciiJson() {}

    /** Makes generators that let nothing through as it is but printable ASCII. */
    public static JsonFactory factory() {
        JsonFactoryBuilder builder = new JsonFactoryBuilder();
        return builder.enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .characterEscapes(new Delete())
                .build();
    }

    /** A generator that indents and leaves the writer open when it is closed; a report on ten thousand files is large. */
    static JsonGenerator to(Writer out) throws IOException {
        return factory()
                .createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .useDefaultPrettyPrinter();
    }

    /** DEL is ASCII, and no character that JSON itself would have escaped. */
    private static final class Delete extends CharacterEscapes {
        @Serial
        private static final long serialVersionUID = 1;

        private static final int DEL = 0x7f;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] escapes = standardAsciiEscapesForJSON();
            escapes[DEL] = ESCAPE_STANDARD;
            return escapes;
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int character) {
            // Only asked for characters with an escape of their own, and there is none.
            return null;
        }
    }
}
