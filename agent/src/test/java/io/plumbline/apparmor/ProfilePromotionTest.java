package io.plumbline.apparmor;

import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.apparmor.ProfilePromotion.Candidate;
import io.plumbline.apparmor.ProfilePromotion.Refused;
import io.plumbline.kernel.LiveLabels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilePromotionTest {
    private static final String TEXT = """
        abi <abi/3.0>,
        profile watched flags=(attach_disconnectedMODE) { signal, file,
          profile kid flags=(attach_disconnectedMODE) { file, }
        }
        profile beside { signal, }
        """;

    @TempDir
    private Path directory;

    private CapturedPolicy node;
    private OwnershipRecord record;
    private ProfilePromotion promotion;
    private CompiledPolicy complaining;

    @BeforeEach
    void captured() throws IOException {
        node = CapturedPolicy.in(Files.createDirectory(directory.resolve("root")));
        Files.createDirectories(directory.resolve("state"));
        record = OwnershipRecord.in(directory.resolve("state"), CapturedPolicy.BOOT);
        promotion = new ProfilePromotion(node.kernel(), record);
        complaining = Parser.policy(TEXT.replace("MODE", ",complain"));
        load("watched", "complain", complaining.bytes());
        load("beside", "enforce", complaining.bytes());
        owns("watched", "complain", "profiles/web", false);
    }

    @Test
    void whatIsEnforcedIsWhatWasWatchedByteForByteButForTheMode() throws IOException {
        owns("beside", "enforce", "profiles/web", false);
        Candidate candidate = (Candidate) promotion.find("watched");
        assertThat(candidate.names()).containsExactly("watched");
        assertThat(candidate.origin()).isEqualTo("profiles/web");
        PolicyLoader loader = new PolicyLoader(
                node.kernel(), new LiveLabels(Files.createDirectory(directory.resolve("proc"))), record);
        promotion.promote(candidate, loader, Parser.compiler(Optional.empty()));
        assertThat(Files.readAllBytes(node.root().resolve("sys/kernel/security/apparmor/.replace")))
                .startsWith(Parser.policy(TEXT.replace("MODE", "")).bytes());
        assertThat(record.read().get("watched").mode()).isEqualTo("enforce");
        assertThat(record.read().get("watched//kid").mode()).isEqualTo("enforce");
    }

    @Test
    void whereTheModeIsSaidElsewhereItSaysWhereAndHow() throws IOException {
        owns("watched", "complain", "AppArmorProfile/web", true);
        assertThat(why("watched")).contains("kubectl patch aap web").contains("\"mode\": \"enforce\"");
        owns("watched", "complain", "/etc/plumbline/apparmor/web", true);
        assertThat(why("watched")).contains("/etc/plumbline/apparmor/web: take complain out of its flags");
    }

    @Test
    void onlyWhatWasLoadedFromHereAndIsThereInComplainModeIsTaken() throws IOException {
        assertThat(why("fixture-flip")).isEqualTo("no profile of that name was loaded from here");
        owns("beside", "enforce", "profiles/web", false);
        assertThat(why("beside")).isEqualTo("it is in mode enforce, not in complain mode");
        owns("gone", "complain", "profiles/web", false);
        assertThat(why("gone")).isEqualTo("the kernel holds none of that name");
        load(
                "watched",
                "complain",
                Parser.policy("profile watched flags=(complain) { signal, }\n").bytes());
        owns("watched", "complain", "profiles/web", false);
        assertThat(why("watched")).contains("other content than what was loaded from here");
    }

    @Test
    void whereTheKernelKeepsNoRecordOfWhatWasLoadedThatIsSaid() throws IOException {
        Files.delete(entry("watched").resolve("raw_data"));
        assertThat(why("watched")).contains("does not show what was loaded").contains("raw_data");
    }

    private String why(String name) throws IOException {
        assertThat(promotion.find(name)).isInstanceOf(Refused.class);
        return ((Refused) promotion.find(name)).why();
    }

    private void owns(String name, String mode, String origin, boolean byDirectory) throws IOException {
        Map<String, OwnedProfile> owned = new TreeMap<>(record.read());
        owned.put(
                name,
                new OwnedProfile(name, mode, PolicyLoader.hashes(complaining), List.of(), origin, byDirectory, false));
        record.write(owned.values());
    }

    private Path entry(String name) {
        return node.root().resolve("sys/kernel/security/apparmor/policy/profiles/" + name + ".90");
    }

    private void load(String name, String mode, byte[] policy) throws IOException {
        Path entry = Files.createDirectories(entry(name));
        Files.writeString(entry.resolve("name"), name + "\n");
        Files.writeString(entry.resolve("mode"), mode + "\n");
        Files.write(entry.resolve("raw_data"), policy);
        try {
            Files.writeString(
                    entry.resolve("raw_sha256"), CompiledPolicy.read(policy).sha256() + "\n");
        } catch (MalformedPolicyException e) {
            throw new IllegalStateException(e);
        }
    }
}
