package io.plumbline.apparmor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.state.OwnFiles;
import io.plumbline.state.Trouble;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The file {@code profiles.json} in the agent's own directory: which profiles in the kernel are ours. It is written before the kernel is,
 * and again after, each time as a whole, so that whenever the agent dies, nothing of ours is in the kernel that does not stand here.
 *
 * <p>What was loaded in another boot is gone, and so is what is recorded of it.
 */
public final class OwnershipRecord {

    private static final String NAME = "profiles.json";
    private static final int VERSION = 1;
    private static final long LARGEST = 64 << 20;
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(60);
    private static final long LOCK_PAUSE_MILLIS = 50;

    private final Path directory;
    private final String boot;

    private OwnershipRecord(Path directory, String boot) {
        this.directory = directory;
        this.boot = boot;
    }

    /**
     * That in a directory, which need not be there.
     *
     * @param boot this boot's name, see AppArmorPolicy
     */
    public static OwnershipRecord in(Path directory, String boot) {
        return new OwnershipRecord(directory, boot);
    }

    /** What is done to policy and to the record of it. */
    interface Change<T> {
        T make() throws IOException;
    }

    /**
     * Waits until nobody else changes policy, of all who keep their record here, then makes a change.
     *
     * @throws IOException if the directory cannot be had, or another agent does not come to an end
     */
    <T> T locked(Change<T> change) throws IOException {
        FileChannel lock = lock();
        try {
            return change.make();
        } finally {
            lock.close();
        }
    }

    private FileChannel lock() throws IOException {
        FileChannel channel;
        try {
            channel = OwnFiles.lockFile(directory, "profiles.lock");
        } catch (IOException e) {
            throw new IOException(directory + ": cannot keep a record there: " + Trouble.of(e), e);
        }
        long end = System.nanoTime() + LOCK_PATIENCE.toNanos();
        try {
            while (true) {
                FileLock lock = tryLock(channel);
                if (lock != null) {
                    return channel;
                }
                if (System.nanoTime() > end) {
                    break;
                }
                Thread.sleep(LOCK_PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        channel.close();
        throw new IOException(directory + ": another plumbline has been changing profiles for "
                + LOCK_PATIENCE.toSeconds() + " s; try again later");
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    /**
     * What is ours, by name.
     *
     * @throws IOException if there is a record and it cannot be read: then nothing may be taken for ours
     */
    Map<String, OwnedProfile> read() throws IOException {
        Path file = directory.resolve(NAME);
        Map<String, OwnedProfile> owned = new TreeMap<>();
        byte[] bytes;
        try {
            if (Files.size(file) > LARGEST) {
                throw new IOException("too large");
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return owned;
        } catch (IOException e) {
            throw new IOException(file + ": cannot be read: " + Trouble.of(e), e);
        }
        try {
            JsonNode all = new ObjectMapper().readTree(bytes);
            JsonNode written = all.path("boot");
            if (written.isTextual() && !written.textValue().equals(boot)) {
                // Whoever wrote it, in whatever form: what it names is not in this kernel.
                return owned;
            }
            if (all.path("version").asInt() != VERSION) {
                throw new IOException(
                        file + ": was written by another version of plumbline, or is damaged; what is loaded"
                                + " stays, and nothing more is, until the node starts anew; if no profile of it is needed,"
                                + " delete it");
            }
            if (written.isTextual()) {
                all.path("profiles").forEach(one -> {
                    OwnedProfile profile = profile(one);
                    owned.put(profile.name(), profile);
                });
            }
            return owned;
        } catch (JsonProcessingException e) {
            throw new IOException(file + ": is damaged; if no profile of it is needed, delete it", e);
        }
    }

    /** The same for somebody who only looks. */
    public boolean exists() {
        return Files.exists(directory.resolve(NAME));
    }

    /** @throws IOException if it cannot be written; what was there before is there still */
    void write(Collection<OwnedProfile> owned) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode all = mapper.createObjectNode();
        all.put("version", VERSION);
        all.put("boot", boot);
        ArrayNode list = all.putArray("profiles");
        owned.forEach(profile -> json(profile, list.addObject()));
        try {
            OwnFiles.replace(directory, NAME, mapper.writeValueAsBytes(all));
        } catch (IOException e) {
            throw new IOException(directory.resolve(NAME) + ": cannot be written: " + Trouble.of(e), e);
        }
    }

    private static void json(OwnedProfile profile, ObjectNode json) {
        json.put("name", profile.name());
        json.put("mode", profile.mode());
        profile.hashes().forEach(json.putArray("hashes")::add);
        profile.earlier().forEach(json.putArray("earlier")::add);
        json.put("origin", profile.origin());
        json.put("byDirectory", profile.byDirectory());
        json.put("removing", profile.removing());
    }

    private static OwnedProfile profile(JsonNode json) {
        return new OwnedProfile(
                json.path("name").asText(),
                json.path("mode").asText(),
                strings(json.path("hashes")),
                strings(json.path("earlier")),
                json.path("origin").asText(),
                json.path("byDirectory").asBoolean(),
                json.path("removing").asBoolean());
    }

    private static List<String> strings(JsonNode array) {
        List<String> strings = new ArrayList<>();
        array.forEach(one -> strings.add(one.asText()));
        return strings;
    }
}
