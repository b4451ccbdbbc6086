package io.plumbline.runtime;

import static io.plumbline.runtime.FakeHost.ID;
import static io.plumbline.runtime.FakeHost.OTHER_ID;
import static io.plumbline.runtime.FakeHost.config;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.OciBundle;
import io.plumbline.model.RuntimeInventory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An inventory that looks again and again, as the agent does that stays. */
class RepeatedLookTest {

    private static final String TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/";
    private static final String CONFIG = TASKS + ID + "/config.json";

    @TempDir
    private Path directory;

    private FakeHost host;
    private BundleInventory inventory;

    @BeforeEach
    void host() throws Exception {
        host = new FakeHost(directory);
        host.file(CONFIG, config("\"pod\": \"one\""));
        inventory = new BundleInventory(directory);
    }

    private String pod() {
        return inventory.read().bundles().get(0).annotations().getOrDefault("pod", "");
    }

    @Test
    void unchangedFileIsNotParsedAgain() {
        RuntimeInventory first = inventory.read();
        RuntimeInventory second = inventory.read();
        assertThat(second).isEqualTo(first);
        assertThat(second.bundles().get(0).mounts())
                .isSameAs(first.bundles().get(0).mounts());
        assertThat(second.bundles().get(0).annotations())
                .isSameAs(first.bundles().get(0).annotations());
    }

    @Test
    void changedFileIsReadAgain() throws Exception {
        assertThat(pod()).isEqualTo("one");
        host.file(CONFIG, config("\"pod\": \"three\""));
        assertThat(pod()).isEqualTo("three");
    }

    /** As runtimes write: a new file under another name, then a rename over the old one. */
    @Test
    void replacedFileOfTheSameSizeAndTimeIsReadAgain() throws Exception {
        assertThat(pod()).isEqualTo("one");
        Path file = directory.resolve(CONFIG.substring(1));
        Path replacement = file.resolveSibling("config.json.new");
        Files.writeString(replacement, Files.readString(file).replace("one", "two"));
        Files.setLastModifiedTime(replacement, Files.getLastModifiedTime(file));
        Files.move(replacement, file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(pod()).isEqualTo("two");
    }

    @Test
    void pidIsReadEachTime() throws Exception {
        host.file(TASKS + ID + "/init.pid", "100");
        assertThat(inventory.read().bundles().get(0).initPid()).contains(100);
        host.file(TASKS + ID + "/init.pid", "200");
        assertThat(inventory.read().bundles().get(0).initPid()).contains(200);
    }

    /** Where a directory is holds for one look. */
    @Test
    void directoryThatBecameALinkLeadsElsewhereInTheNextLook() throws Exception {
        assertThat(pod()).isEqualTo("one");
        host.file("/elsewhere/" + ID + "/config.json", config("\"pod\": \"three\""));
        Path tasks = directory.resolve(TASKS.substring(1, TASKS.length() - 1));
        Files.move(tasks, directory.resolve("before"));
        Files.createSymbolicLink(tasks, Path.of("/elsewhere"));
        assertThat(pod()).isEqualTo("three");
    }

    @Test
    void fileThatBecameUnreadableIsSaidEachTimeAndNeverAnsweredFromBefore() throws Exception {
        inventory.read();
        host.file(CONFIG, "{");
        assertThat(inventory.read().unreadable()).hasSize(1);
        assertThat(inventory.read().unreadable()).hasSize(1);
        assertThat(inventory.read().bundles()).isEmpty();
    }

    @Test
    void containerThatHasGoneIsForgotten() throws Exception {
        inventory.read();
        Files.delete(directory.resolve(CONFIG.substring(1)));
        host.file(TASKS + OTHER_ID + "/config.json", config(""));
        assertThat(inventory.read().bundles()).extracting(OciBundle::id).containsExactly(OTHER_ID);
    }

    /** runc keeps a state of its own for containerd's container: the same file, told by two. */
    @Test
    void fileThatTwoRuntimesNameIsTheOnesThatComesFirst() throws Exception {
        host.file(
                "/run/containerd/runc/k8s.io/" + ID + "/state.json",
                "{\"init_process_pid\": 7, \"config\": {\"labels\": [\"bundle=" + TASKS + ID + "\"]}}");
        for (int look = 0; look < 2; look++) {
            assertThat(inventory.read().bundles()).singleElement().satisfies(bundle -> {
                assertThat(bundle.runtime()).isEqualTo("containerd");
                assertThat(bundle.initPid()).contains(7);
            });
        }
    }
}
