package io.plumbline.runtime;

import static io.plumbline.runtime.FakeHost.ID;
import static io.plumbline.runtime.FakeHost.OTHER_ID;
import static io.plumbline.runtime.FakeHost.config;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.model.OciBundle;
import io.plumbline.model.RuntimeInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An inventory that looks again and again, as the agent does that stays. */
class RepeatedLookTest {

    private static final String TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/";
    private static final String CONFIG = TASKS + ID + "/config.json";

    @TempDir
    private Path directory;

    private final AtomicLong millis = new AtomicLong(System.currentTimeMillis());
    private FakeHost host;
    private BundleInventory inventory;

    @BeforeEach
    void host() throws Exception {
        host = new FakeHost(directory);
        host.file(CONFIG, config("\"pod\": \"one\""));
        inventory = new BundleInventory(directory, List.of(), millis::get);
    }

    private String pod() {
        return inventory.read().bundles().get(0).annotations().getOrDefault("pod", "");
    }

    /** Nothing has happened for an hour. */
    private void settle() throws IOException {
        FileTime then = FileTime.from(Instant.now().minus(Duration.ofHours(1)));
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path one : all.toList()) {
                Files.setLastModifiedTime(one, then);
            }
        }
        inventory.read();
    }

    private List<Optional<Integer>> pids() {
        return inventory.read().bundles().stream().map(OciBundle::initPid).toList();
    }

    @Test
    void whereNothingHappensTheAnswerIsTheLastOne() throws Exception {
        host.file(TASKS + ID + "/init.pid", "100");
        settle();
        assertThat(inventory.read()).isSameAs(inventory.read());
    }

    @Test
    void whoComesOrGoesBesideOthersIsSeen() throws Exception {
        host.file(TASKS + ID + "/init.pid", "100");
        settle();
        host.file(TASKS + OTHER_ID + "/config.json", config("")).file(TASKS + OTHER_ID + "/init.pid", "200");
        assertThat(pids()).containsExactly(Optional.of(200), Optional.of(100));
        settle();
        host.remove(TASKS + ID);
        assertThat(pids()).containsExactly(Optional.of(200));
    }

    /** Docker starts a container again in a new directory of the same name. */
    @Test
    void directoryInTheSameNameIsAnother() throws Exception {
        host.file(TASKS + ID + "/init.pid", "100");
        settle();
        host.remove(TASKS + ID);
        host.file(CONFIG, config("")).file(TASKS + ID + "/init.pid", "200");
        assertThat(pids()).containsExactly(Optional.of(200));
    }

    /** The runtime makes the container's first process some time after its bundle. */
    @Test
    void pidThatComesLateIsSeen() throws Exception {
        settle();
        assertThat(pids()).containsExactly(Optional.empty());
        host.file(TASKS + ID + "/init.pid", "100");
        assertThat(pids()).containsExactly(Optional.of(100));
    }

    /** podman starts a container again in the directory that it had; conmon writes a new file over the old one. */
    @Test
    void containerThatIsStartedAgainHasItsNewPid() throws Exception {
        String container = "/run/containers/storage/overlay-containers/" + OTHER_ID + "/userdata/";
        host.file(container + "config.json", config("")).file(container + "pidfile", "300");
        host.file(TASKS + ID + "/init.pid", "100");
        settle();
        host.file(container + "pidfile.new", "400");
        Path file = directory.resolve(container.substring(1) + "pidfile");
        Files.move(file.resolveSibling("pidfile.new"), file, StandardCopyOption.REPLACE_EXISTING);
        assertThat(pids()).containsExactly(Optional.of(100), Optional.of(400));
    }

    @Test
    void fileThatIsWrittenInPlaceIsReadAfterAMinute() throws Exception {
        host.file(TASKS + ID + "/init.pid", "100");
        settle();
        host.file(CONFIG, config("\"pod\": \"three\""));
        millis.addAndGet(59_999);
        assertThat(pod()).isEqualTo("one");
        millis.addAndGet(1);
        assertThat(pod()).isEqualTo("three");
    }

    @Test
    void clockThatIsSetBackDelaysNothing() throws Exception {
        host.file(TASKS + ID + "/init.pid", "100");
        settle();
        host.file(CONFIG, config("\"pod\": \"three\""));
        millis.addAndGet(-3_600_000);
        assertThat(pod()).isEqualTo("three");
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
