package io.plumbline.bench;

import java.nio.file.Path;

/**
 * What is measured in: what the clone has, and what is written meanwhile.
 *
 * @param home the clone
 * @param scratch a directory for what the measured programs keep and say
 */
record Scene(Path home, Path scratch) {

    /** The launcher. */
    Path launcher() {
        return home.resolve("plumbline");
    }

    /** One of the programs in C that measure. */
    Path program(String name) {
        return home.resolve("native-helpers/build/bench").resolve(name);
    }

    /** The flags of the JVM that the image has. */
    Path jvmOptions() {
        return home.resolve("docker/jvm.options");
    }

    /** The DaemonSet, with its limits. */
    Path daemonSet() {
        return home.resolve("daemonset/install.yaml");
    }

    /** The list of pods that an agent is told. */
    Path pods() {
        return scratch.resolve("pods.json");
    }
}
