package io.plumbline.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.WritableCgroups;
import io.plumbline.model.NodeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is moved into another cgroup while he sleeps has not run: without the task iterator nothing but somebody who was told knows. */
class MovedSleeperTest {

    private Path cgroup;
    private Child sleeper;
    private NodeReader reader;

    @BeforeEach
    void start() throws IOException {
        cgroup = Files.createTempDirectory(WritableCgroups.mount(), "plumbline");
        sleeper = Child.start("sleep", "60").running("sleep");
        reader = NodeReader.openWithoutIterator(ProcRoot.ofThisMachine());
        reader.snapshot();
        reader.snapshot();
        assertThat(cgroups(reader.snapshot()))
                .doesNotContain(cgroup.getFileName().toString());
        Files.writeString(cgroup.resolve("cgroup.procs"), Integer.toString(sleeper.pid()));
    }

    @AfterEach
    void end() throws Exception {
        if (reader != null) {
            reader.close();
            sleeper.close();
            Files.delete(cgroup);
        }
    }

    private String cgroups(NodeSnapshot node) {
        return sleeper.in(node).cgroup().toString();
    }

    @Test
    void aLookAtHimShowsItAndSoDoTheScansAfterIt() throws IOException {
        assertThat(cgroups(reader.snapshotAfter(Set.of(sleeper.pid())).orElseThrow()))
                .contains(cgroup.getFileName().toString());
        assertThat(cgroups(reader.snapshot())).contains(cgroup.getFileName().toString());
        assertThat(cgroups(reader.snapshot())).contains(cgroup.getFileName().toString());
    }

    /** The kernel told of him just before. */
    @Test
    void aScanThatIsToReadHimShowsItAndSoDoTheScansAfterIt() throws IOException {
        assertThat(cgroups(reader.snapshot(Set.of(sleeper.pid()))))
                .contains(cgroup.getFileName().toString());
        assertThat(cgroups(reader.snapshot())).contains(cgroup.getFileName().toString());
    }
}
