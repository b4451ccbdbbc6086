package io.plumbline.kernel;

import io.plumbline.kernel.bindings.NativeHelpers;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The two ways to read, for tests that run with either. */
final class Backend {

    private Backend() {}

    /** JNA alone. */
    static NativeHelpers java() {
        return NativeHelpers.in(Path.of("/nowhere"));
    }

    /** The C library; the test is skipped, with the cause, where there is none. */
    static NativeHelpers library() {
        NativeHelpers helpers = NativeHelpers.find();
        Assumptions.assumeTrue(helpers.isAvailable(), helpers.cause());
        return helpers;
    }
}
