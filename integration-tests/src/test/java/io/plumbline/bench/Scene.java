package io.plumbline.bench;

import java.nio.file.Path;
import java.util.Map;

/**
 * What an agent that stays is measured in.
 *
 * @param home the clone
 * @param scratch a directory for what it keeps and says
 * @param pods the list of pods that it is told
 * @param withoutRoot cgroups of containers that no root is to run in, with the names of pod and container
 */
record Scene(Path home, Path scratch, Path pods, Map<Path, String> withoutRoot) {

    /** One of the programs in C that measure. */
    Path program(String name) {
        return home.resolve("native-helpers/build/bench").resolve(name);
    }

    /** The flags of the JVM that the image has. */
    Path jvmOptions() {
        return home.resolve("docker/jvm.options");
    }
}
