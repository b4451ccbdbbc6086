package io.plumbline.kernel;

import io.plumbline.model.Reading;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What parsers' tests say again and again. */
final class Parsed {

    static final String SOURCE = "/proc/7/file";

    private Parsed() {}

    static Content content(String text) {
        return Content.of(SOURCE, text);
    }

    static Content content(byte[] bytes) {
        return new Content(SOURCE, bytes, bytes.length);
    }

    static Content file(Path file) {
        try {
            return content(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static <T> T value(Reading<T> reading) {
        return reading.observed().orElseThrow(() -> new AssertionError(reading));
    }

    static <T> Reading<T> unreadable(String why) {
        return new Reading.Unreadable<>(SOURCE, why);
    }

    static <T> Reading<T> notInForm() {
        return unreadable(Content.NOT_IN_FORM);
    }
}
