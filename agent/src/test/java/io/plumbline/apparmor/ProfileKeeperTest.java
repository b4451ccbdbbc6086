package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.apparmor.ProfileSource.Mode;
import io.plumbline.kernel.LiveLabels;
import io.plumbline.model.ProfileError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is wanted by several sources, and what becomes of it while one of them is away. */
class ProfileKeeperTest {

    @TempDir
    private Path directory;

    private final Held held = new Held();
    private CapturedPolicy node;
    private OwnershipRecord record;
    private Path profiles;
    private ProfileKeeper keeper;

    /** What a cluster's objects would hold. */
    private static final class Held implements ProfileSupply {
        private final List<ProfileSource> sources = new ArrayList<>();
        private boolean whole = true;
        private boolean away;

        @Override
        public String place() {
            return "objects";
        }

        @Override
        public Contents read() throws IOException {
            if (away) {
                throw new IOException("nobody answers");
            }
            return new Contents(sources, List.of(), whole);
        }
    }

    @BeforeEach
    void captured() throws IOException {
        node = CapturedPolicy.in(Files.createDirectory(directory.resolve("root")));
        Files.createDirectories(directory.resolve("state"));
        record = OwnershipRecord.in(directory.resolve("state"), CapturedPolicy.BOOT);
        Path proc = Files.createDirectory(directory.resolve("proc"));
        label(proc, "1", "systemd");
        label(proc, "2", "kthreadd");
        profiles = Files.createDirectory(directory.resolve("profiles"));
        keeper = new ProfileKeeper(
                List.of(new ProfileDirectory(profiles), held),
                Optional.of(Parser.compiler(Optional.empty())),
                new PolicyLoader(node.kernel(), new LiveLabels(proc), record),
                node.kernel());
    }

    @Test
    void profilesOfADirectoryAndOfObjectsAreLoadedTogether() throws IOException {
        Files.writeString(profiles.resolve("a"), "profile a { signal, }\n");
        held.sources.add(object("b", "profile b { signal, }\n", Mode.COMPLAIN));
        keeper.begin();
        assertThat(record.read()).containsKeys("a", "b");
        assertThat(record.read().get("b").origin()).isEqualTo("AppArmorProfile/b");
        assertThat(record.read().get("b").mode()).isEqualTo("complain");
        assertThat(keeper.wanted().trouble()).isEmpty();
    }

    @Test
    void ofANameThatADirectoryAndAnObjectHoldNeitherIsLoadedAndBothAreNamed() throws IOException {
        Files.writeString(profiles.resolve("a"), "profile same { signal, }\n");
        held.sources.add(object("b", "profile same { signal, file, }\n", Mode.ENFORCE));
        keeper.begin();
        assertThat(record.read()).doesNotContainKey("same");
        assertThat(keeper.wanted().troubleOf("same"))
                .extracting(ProfileError::text)
                .singleElement()
                .satisfies(
                        text -> assertThat(text).contains("AppArmorProfile/b").contains(profiles.toString()));
    }

    @Test
    void nothingIsUnwantedWhileASourceIsAwayOrNotWhole() throws IOException {
        held.sources.add(object("b", "profile b { signal, }\n", Mode.ENFORCE));
        keeper.begin();
        held.away = true;
        keeper.begin();
        assertThat(record.read()).containsKey("b");
        assertThat(keeper.wanted().sources()).hasSize(1);
        assertThat(keeper.wanted().trouble())
                .extracting(ProfileError::toString)
                .containsExactly("objects: nobody answers");
        held.away = false;
        held.whole = false;
        held.sources.clear();
        keeper.begin();
        assertThat(record.read()).containsKey("b");
        held.whole = true;
        keeper.begin();
        assertThat(record.read()).doesNotContainKey("b");
        assertThat(keeper.wanted().trouble()).isEmpty();
    }

    @Test
    void aTextThatIsRejectedHoldsBackNoOtherRemoval() throws IOException {
        held.sources.add(object("web", "profile web { signal, }\n", Mode.ENFORCE));
        held.sources.add(object("db", "profile db { signal, }\n", Mode.ENFORCE));
        keeper.begin();
        held.sources.set(0, object("web", "profile web2 { signal, nonsense }\n", Mode.ENFORCE));
        held.sources.remove(1);
        keeper.begin();
        assertThat(record.read()).containsKey("web").doesNotContainKey("db");
    }

    @Test
    void aProfileThatMovedToATextThatIsRejectedStays() throws IOException {
        Files.writeString(profiles.resolve("a.toml"), "Name = \"worker\"\n");
        held.sources.add(object("b", "profile b { signal, }\n", Mode.ENFORCE));
        keeper.begin();
        assertThat(record.read()).containsKeys("docker-worker", "b");
        Files.move(profiles.resolve("a.toml"), profiles.resolve("z.toml"));
        Files.writeString(profiles.resolve("z.toml"), "Name = \"worker\"\n[Network]\nRaw = 1\n");
        held.sources.set(0, object("c", "profile \"b\" { signal, nonsense }\n", Mode.ENFORCE));
        keeper.begin();
        assertThat(record.read()).containsKeys("docker-worker", "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@{X}=d\nprofile @{X}b { signal, nonsense }\n",
                "profile x { signal, nonsense }\n#include <local/more>\n",
                "  include if exists \"/etc/apparmor.d/more\"\nprofile x { nonsense }\n",
                "profile \"\\144b\" { signal, nonsense }\n"
            })
    void whereARejectedTextTakesNamesFromElsewhereNothingIsUnwanted(String text) throws IOException {
        held.sources.add(object("db", "profile db { signal, }\n", Mode.ENFORCE));
        keeper.begin();
        held.sources.set(0, object("other", text, Mode.ENFORCE));
        keeper.begin();
        assertThat(record.read()).containsKey("db");
        held.sources.set(
                0,
                object(
                        "other",
                        "#include <tunables/global>\nprofile x { include <abstractions/base>\n@{PROC}/x r, nonsense }\n",
                        Mode.ENFORCE));
        keeper.begin();
        assertThat(record.read()).doesNotContainKey("db");
    }

    @Test
    void anotherModeOfTheSameTextIsCompiledAnew() throws IOException {
        held.sources.add(object("b", "profile b { signal, }\n", Mode.COMPLAIN));
        keeper.begin();
        held.sources.set(0, object("b", "profile b { signal, }\n", Mode.ENFORCE));
        keeper.begin();
        assertThat(record.read().get("b").mode()).isEqualTo("enforce");
    }

    private static ProfileSource object(String name, String text, Mode mode) {
        return ProfileSource.of("AppArmorProfile/" + name, text, false, mode);
    }

    private static void label(Path proc, String pid, String command) throws IOException {
        Path attr = Files.createDirectories(proc.resolve(pid + "/attr/apparmor"));
        Files.writeString(attr.resolve("current"), "unconfined\n");
        Files.writeString(proc.resolve(pid + "/comm"), command + "\n");
        Path task = Files.createDirectories(proc.resolve(pid + "/task/" + pid + "/attr/apparmor"));
        Files.writeString(task.resolve("current"), "unconfined\n");
    }
}
