package io.plumbline.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Under which flags the JVM of a resident starts. */
final class ResidentJvm {

    private ResidentJvm() {}

    /** As the launcher starts it: what it has for every command, the archive of classes, and what it has for this one. */
    static List<String> ofLauncher() throws IOException {
        List<String> flags = new ArrayList<>(own());
        flags.addAll(archive());
        flags.addAll(Arrays.asList(System.getProperty("plumbline.serve").split(" ", -1)));
        return flags;
    }

    /**
     * As the image starts it, with what lies elsewhere here: the archive of classes, and the native code.
     *
     * @param options the file {@code jvm.options}
     */
    static List<String> ofImage(Path options) throws IOException {
        List<String> flags = new ArrayList<>();
        for (String line : Files.readAllLines(options)) {
            boolean isFlag = line.startsWith("-") && !line.contains("/opt/plumbline/");
            if (isFlag && !line.startsWith("-Djna.") && !line.startsWith("-Xlog:cds") && !isOfArchive(line)) {
                flags.add(line.strip());
            }
        }
        own().stream().filter(flag -> flag.startsWith("-D")).forEach(flags::add);
        flags.addAll(archive());
        return flags;
    }

    private static boolean isOfArchive(String flag) {
        return flag.contains("ArchiveRelocationMode") || flag.contains("UnlockDiagnosticVMOptions");
    }

    private static List<String> own() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-Dplumbline.home")
                        && !flag.startsWith("-Dplumbline.jar")
                        && !flag.startsWith("-Dplumbline.archive")
                        && !flag.startsWith("-Dplumbline.serve"))
                .toList();
    }

    static String jar() {
        return System.getProperty("plumbline.jar");
    }

    /** Nothing where the launcher found none of this build. */
    private static List<String> archive() {
        String archive = System.getProperty("plumbline.archive");
        return archive.isEmpty()
                ? List.of()
                : List.of(
                        "-XX:SharedArchiveFile=" + archive,
                        "-Xlog:cds=off",
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:ArchiveRelocationMode=0");
    }
}
