package io.plumbline.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.Writer;

/** JSON as it leaves: indented, in ASCII, and as a stream, because a report on ten thousand files is large. */
final class AsciiJson {

    private AsciiJson() {}

    /** A generator that leaves the writer open when it is closed. */
    static JsonGenerator to(Writer out) throws IOException {
        return JsonFactory.builder()
                .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                .build()
                .createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .useDefaultPrettyPrinter();
    }
}
