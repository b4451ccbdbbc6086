package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.LoadedProfile;
import io.plumbline.model.Reading;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * AppArmor's policy in the kernel: what is loaded, and loading, replacing and removing by bare writes to securityfs.
 *
 * <p>One write(2) is one transaction; a policy that is written in pieces is refused. Not for two threads at a time.
 */
public final class AppArmorPolicy {

    /** Where it is, below the host's root. */
    public static final String DIRECTORY = "/sys/kernel/security/apparmor";

    private static final String PROFILES = DIRECTORY + "/policy/profiles";
    private static final String EXPORT = "/sys/module/apparmor/parameters/export_binary";
    private static final String BOOT_ID = "/proc/sys/kernel/random/boot_id";
    private static final int LONGEST_HASH = 1024;
    private static final int LARGEST_POLICY = 64 << 20;
    private static final List<String> HASHES = List.of("sha256", "sha1");

    private final KernelFiles files = new KernelFiles();
    private final HostRoot host;
    private final AppArmorFs facts;

    private AppArmorPolicy(Path hostRoot) {
        String root = KernelFiles.byteString(hostRoot);
        this.host = new HostRoot(files, Optional.of(root.equals("/") ? "" : root));
        this.facts = new AppArmorFs(host);
    }

    /** That of the node whose root this is. */
    public static AppArmorPolicy below(Path hostRoot) {
        return new AppArmorPolicy(hostRoot);
    }

    /** Is AppArmor in force, and its part of securityfs there? */
    public Reading<Boolean> enabled() {
        return facts.enabled();
    }

    /** All loaded profiles with their mode, children as {@code parent//child}. */
    public Reading<Map<String, String>> profiles() {
        return facts.profiles(enabled());
    }

    /** This boot's name: what was loaded in another is gone. */
    public Reading<String> bootId() {
        return ProcTree.flatMap(
                host.file(BOOT_ID), content -> Reading.of(content.text().strip()));
    }

    /**
     * The profiles of these names with their hashes, by name; of two of one name both.
     *
     * @param names without children; each of letters, digits, {@code .}, {@code _} and {@code -}, which the kernel keeps in directories' names
     */
    public Reading<Map<String, List<LoadedProfile>>> loaded(Collection<String> names) {
        Reading<List<String>> listed = host.list(PROFILES);
        if (!(listed instanceof Reading.Observed<List<String>> entries)) {
            return listed.map(list -> Map.of());
        }
        boolean exported = host.file(EXPORT)
                .observed()
                .map(content -> content.text().strip())
                .filter("N"::equals)
                .isEmpty();
        Map<String, List<LoadedProfile>> loaded = new TreeMap<>();
        for (String entry : entries.value()) {
            int dot = entry.lastIndexOf('.');
            String name = dot < 0 ? "" : entry.substring(0, dot);
            if (!names.contains(name)) {
                continue;
            }
            String directory = PROFILES + "/" + entry;
            Optional<String> told = text(directory + "/name");
            Optional<String> mode = text(directory + "/mode");
            // Another name that looks the same without what the kernel drops; or one that was removed just now.
            if (told.equals(Optional.of(name)) && mode.isPresent()) {
                Reading<String> hash = exported
                        ? hash(directory)
                        : new Reading.Unreadable<>(EXPORT, "is N: the kernel keeps no record of what was loaded");
                loaded.computeIfAbsent(name, key -> new ArrayList<>()).add(new LoadedProfile(name, mode.get(), hash));
            }
        }
        return Reading.of(loaded);
    }

    /**
     * The bytes that were written to load a profile, as the kernel keeps them; those of profiles that were written together stand in them too.
     *
     * @param name of letters, digits, {@code .}, {@code _} and {@code -}
     */
    public Reading<byte[]> policy(String name) {
        Reading<List<String>> listed = host.list(PROFILES);
        if (!(listed instanceof Reading.Observed<List<String>> entries)) {
            return listed.map(list -> new byte[0]);
        }
        for (String entry : entries.value()) {
            String directory = PROFILES + "/" + entry;
            if (entry.startsWith(name + ".") && text(directory + "/name").equals(Optional.of(name))) {
                int length = files.readLinkedRecord(host.path().orElse("") + directory + "/raw_data", LARGEST_POLICY);
                return length < 0
                        ? ProcTree.failed(directory + "/raw_data", length)
                        : Reading.of(Arrays.copyOf(files.bytes(), length));
            }
        }
        return new Reading.Absent<>(PROFILES + "/" + name);
    }

    private Optional<String> text(String file) {
        return host.file(file).observed().map(content -> content.text().strip());
    }

    /** Kernels have the one or the other; it is a link to the raw data that profiles of one write share. */
    private Reading<String> hash(String directory) {
        Reading<String> last = new Reading.Absent<>(directory + "/raw_sha256");
        for (String algorithm : HASHES) {
            String file = directory + "/raw_" + algorithm;
            int length = files.readLinkedRecord(host.path().orElse("") + file, LONGEST_HASH);
            if (length >= 0) {
                return Reading.of(algorithm + ":" + files.byteString(length).strip());
            }
            if (!(last instanceof Reading.Unreadable<String>)) {
                last = ProcTree.failed(file, length);
            }
        }
        return last;
    }

    /**
     * Loads profiles, or puts them in the place of those of the same names; all that stand in these bytes, or none.
     *
     * @return empty, or the errno's name
     */
    public Optional<String> replace(byte[] policy) {
        return outcome(files.writeOnce(host.path().orElse("") + DIRECTORY + "/.replace", policy));
    }

    /**
     * Removes a profile and its children. Whoever is under it is unconfined from then on.
     *
     * @return empty, or the errno's name: ENOENT if it is not loaded
     */
    public Optional<String> remove(String name) {
        // Without a newline, which would be part of the name.
        return outcome(files.writeOnce(
                host.path().orElse("") + DIRECTORY + "/.remove", name.getBytes(StandardCharsets.UTF_8)));
    }

    private static Optional<String> outcome(int result) {
        return result < 0 ? Optional.of(Errno.name(-result)) : Optional.empty();
    }
}
