package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfileDirectoryTest {

    @TempDir
    private Path directory;

    @Test
    void leftoversOfEditorsAndHiddenFilesAreNoProfiles() throws IOException {
        for (String name : new String[] {"b.toml", "a", ".hidden", "a~", "a.swp", "#a#", "x.dpkg-old"}) {
            Files.writeString(directory.resolve(name), name);
        }
        Files.createDirectory(directory.resolve("sub"));

        ProfileSupply.Contents contents = new ProfileDirectory(directory).read();

        assertThat(contents.sources())
                .extracting(ProfileSource::origin)
                .containsExactly(
                        directory.resolve("a").toString(),
                        directory.resolve("b.toml").toString());
        assertThat(contents.sources()).extracting(ProfileSource::isBane).containsExactly(false, true);
        assertThat(contents.errors()).isEmpty();
    }

    @Test
    void aConfigMapIsReadWholeWhileTheKubeletTurnsIt() throws Exception {
        version(0);
        Files.createSymbolicLink(directory.resolve("one"), Path.of("..data/one"));
        Files.createSymbolicLink(directory.resolve("two"), Path.of("..data/two"));
        AtomicBoolean done = new AtomicBoolean();
        Thread kubelet = new Thread(() -> {
            for (int i = 1; !done.get(); i++) {
                version(i);
            }
        });
        kubelet.start();
        try {
            for (int i = 0; i < 200; i++) {
                ProfileSupply.Contents contents = new ProfileDirectory(directory).read();
                assertThat(contents.errors()).isEmpty();
                assertThat(contents.sources()).hasSize(2);
                assertThat(text(contents, 0)).isEqualTo(text(contents, 1));
            }
        } finally {
            done.set(true);
            kubelet.join();
        }
    }

    @Test
    void aDirectoryThatIsNotThereIsUnknownAndNotEmpty() {
        assertThatThrownBy(() -> new ProfileDirectory(directory.resolve("nosuch")).read())
                .isInstanceOf(IOException.class)
                .hasMessage("cannot be read: no such file or directory");
    }

    @Test
    void aFileThatCannotBeReadIsAnErrorBesideTheOthers() throws IOException {
        Files.writeString(directory.resolve("good"), "x");
        Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nosuch"));

        ProfileSupply.Contents contents = new ProfileDirectory(directory).read();

        assertThat(contents.sources()).hasSize(1);
        assertThat(contents.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.file()).endsWith("dangling"));
    }

    private static String text(ProfileSupply.Contents contents, int index) {
        return new String(contents.sources().get(index).bytes(), StandardCharsets.UTF_8);
    }

    /** As pkg/volume/util/atomic_writer.go does it: a new directory, a new link in the place of the old, then the old directory goes. */
    private void version(int number) {
        try {
            Path fresh = Files.createDirectory(directory.resolve("..v" + number));
            Files.writeString(fresh.resolve("one"), "v" + number);
            Files.writeString(fresh.resolve("two"), "v" + number);
            Path link = directory.resolve("..data_tmp");
            Files.createSymbolicLink(link, fresh.getFileName());
            Files.move(
                    link,
                    directory.resolve("..data"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            if (number > 0) {
                Path old = directory.resolve("..v" + (number - 1));
                Files.delete(old.resolve("one"));
                Files.delete(old.resolve("two"));
                Files.delete(old);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
