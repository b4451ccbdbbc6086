package io.plumbline.kernel;

import io.plumbline.kernel.bindings.NativeHelpers;

/** The machine that the tests run on, by the C library. */
class LiveNodeByLibraryTest extends LiveNodeTest {

    @Override
    NativeHelpers helpers() {
        return Backend.library();
    }
}
