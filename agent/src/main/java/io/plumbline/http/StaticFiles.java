package io.plumbline.http;

import io.plumbline.http.Route.Reply;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** Files of the jar, read once at the start: the event loop reads no disk. */
final class StaticFiles {

    private StaticFiles() {}

    /** @param name below this package's folder in the jar */
    static Reply.Whole answer(String name, String contentType) {
        Answer answer = new Answer(200, contentType, Buffer.buffer(bytes(name)), Map.of("Cache-Control", "no-cache"));
        return request -> answer;
    }

    private static byte[] bytes(String name) {
        try (InputStream in = StaticFiles.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the jar lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the jar's " + name + " cannot be read", e);
        }
    }
}
