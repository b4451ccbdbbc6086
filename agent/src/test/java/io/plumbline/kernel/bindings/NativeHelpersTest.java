package io.plumbline.kernel.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeHelpersTest {

    @TempDir
    private Path directory;

    @Test
    void missingLibraryIsAValueWithItsCause() {
        NativeHelpers helpers = NativeHelpers.in(directory);
        assertThat(helpers.isAvailable()).isFalse();
        assertThat(helpers.cause()).isEqualTo("libplumbline.so not found");
        assertThatThrownBy(() -> helpers.scanner(Path.of("/proc"), 4096))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("native helpers are not available: libplumbline.so not found");
    }

    @Test
    void libraryThatIsNoneIsAValueWithItsCause() throws IOException {
        Files.writeString(directory.resolve("libplumbline.so"), "not an ELF file");
        NativeHelpers helpers = NativeHelpers.in(directory);
        assertThat(helpers.isAvailable()).isFalse();
        assertThat(helpers.cause()).isEqualTo("libplumbline.so cannot be loaded: file too short");
    }

    @Test
    void treeThatTheLibraryRefusesIsAnError() {
        NativeHelpers helpers = NativeHelpers.find();
        Assumptions.assumeTrue(helpers.isAvailable(), helpers.cause());
        assertThatThrownBy(() -> helpers.scanner(directory.resolve("nowhere"), 4096))
                .isInstanceOf(IOException.class)
                .hasMessage(directory.resolve("nowhere") + ": ENOENT");
    }

    @Test
    void bufferOfAnotherFormIsNotRead() {
        assertThatThrownBy(() -> new ScannedProcesses(ByteBuffer.allocate(4096), false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ScannedProcesses(ByteBuffer.allocate(8), false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void errnoHasAName() {
        assertThat(Errno.name(13)).isEqualTo("EACCES");
        assertThat(Errno.name(21)).isEqualTo("EISDIR");
        assertThat(Errno.name(9999)).isEqualTo("errno 9999");
    }
}
