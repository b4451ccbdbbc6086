package io.plumbline.kernel;

import io.plumbline.model.Evidence;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What AppArmor says of itself in sysfs and securityfs. */
final class AppArmorFs {

    private static final String ENABLED = "/sys/module/apparmor/parameters/enabled";
    private static final String SECURITYFS = "/sys/kernel/security/apparmor";
    private static final String PROFILES = SECURITYFS + "/profiles";
    private static final String MODULES = "/sys/module";
    private static final String POLICY = SECURITYFS + "/policy/profiles";
    private static final int DEPTH = 8;

    private final HostRoot host;

    AppArmorFs(HostRoot host) {
        this.host = host;
    }

    /**
     * Is AppArmor in force? Its parameter says {@code Y} and its part of securityfs is there.
     *
     * <p>Never by {@code attr/current}: with AppArmor off another module answers there.
     */
    Reading<Boolean> enabled() {
        Reading<Content> parameter = host.file(ENABLED);
        if (parameter instanceof Reading.Absent<Content>) {
            // A kernel that was built without it; or a host's root without its sysfs, which says nothing.
            return host.exists(MODULES)
                    ? Reading.of(false)
                    : new Reading.Unreadable<>(ENABLED, "ENOENT: sysfs is not mounted below the host's root");
        }
        return ProcTree.flatMap(parameter, content -> switch (content.text().strip()) {
            case "N" -> Reading.of(false);
            case "Y" ->
                host.exists(PROFILES)
                        ? Reading.of(true)
                        : new Reading.Unreadable<>(PROFILES, "ENOENT: securityfs is not mounted below the host's root");
            default -> content.malformed("neither Y nor N");
        });
    }

    /** What shows that it is off: its parameter, or that the kernel has none. Empty where sysfs does not show it. */
    Optional<Evidence> shownOff() {
        Reading<Content> parameter = host.file(ENABLED);
        return enabled().equals(Reading.of(false))
                ? Optional.of(new Evidence(
                        ENABLED,
                        parameter
                                .observed()
                                .map(content -> content.text().strip())
                                .orElse("no such file")))
                : Optional.empty();
    }

    /**
     * The loaded profiles with their mode. Root reads the list; everybody the single profiles' files.
     *
     * @param enabled absent if it is known to be off
     */
    Reading<Map<String, String>> profiles(Reading<Boolean> enabled) {
        if (enabled.equals(Reading.of(false))) {
            return new Reading.Absent<>(PROFILES);
        }
        Reading<Map<String, String>> list = ProcTree.flatMap(host.file(PROFILES), AppArmorFs::parse);
        if (!(list instanceof Reading.Unreadable<Map<String, String>> unreadable)
                || unreadable.why().equals(HostRoot.NOT_HERE)) {
            return list;
        }
        Map<String, String> profiles = new TreeMap<>();
        Optional<Reading<?>> trouble = collect(POLICY, "", DEPTH, profiles);
        return trouble.isPresent() ? list : Reading.of(profiles);
    }

    /** {@code name (mode)} a line; a name may hold spaces and parentheses, so the mode is the last. */
    static Reading<Map<String, String>> parse(Content file) {
        Map<String, String> profiles = new TreeMap<>();
        for (Cursor all = file.cursor(); !all.atEnd(); ) {
            String line = all.until('\n').text();
            int open = line.lastIndexOf(" (");
            if (open < 0 || !line.endsWith(")")) {
                return file.malformed("a line is not name (mode)");
            }
            profiles.put(line.substring(0, open), line.substring(open + 2, line.length() - 1));
        }
        return Reading.of(profiles);
    }

    /**
     * Goes through {@code policy/profiles}: directories with mangled names, the real one in the file {@code name}, children below.
     *
     * @return what could not be read, if anything: half a list would pass for a whole one
     */
    private Optional<Reading<?>> collect(String directory, String parent, int depth, Map<String, String> profiles) {
        Reading<List<String>> names = host.list(directory);
        if (!(names instanceof Reading.Observed<List<String>> listed)) {
            return depth < DEPTH && names instanceof Reading.Absent<List<String>>
                    ? Optional.empty()
                    : Optional.of(names);
        }
        for (String entry : listed.value()) {
            String profile = directory + "/" + entry;
            Reading<Content> name = host.file(profile + "/name");
            Optional<String> text =
                    name.observed().map(content -> content.text().strip());
            Reading<Content> mode = host.file(profile + "/mode");
            Optional<String> modeText =
                    mode.observed().map(content -> content.text().strip());
            if (text.isEmpty() || modeText.isEmpty()) {
                return Optional.of(text.isEmpty() ? name : mode);
            }
            String full = parent + text.get();
            profiles.put(full, modeText.get());
            Optional<Reading<?>> trouble =
                    depth == 0 ? Optional.empty() : collect(profile + "/profiles", full + "//", depth - 1, profiles);
            if (trouble.isPresent()) {
                return trouble;
            }
        }
        return Optional.empty();
    }
}
