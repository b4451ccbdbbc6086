package io.plumbline.apparmor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a kernel can mediate: {@code /sys/kernel/security/apparmor/features}, or a file in the same words.
 *
 * <p>Without it the parser compiles for a kernel of old, and what it gives enforces less.
 *
 * @param path for the parser; empty where there is none
 * @param fingerprint changes when what is in it changes
 */
public record KernelFeatures(Optional<Path> path, String fingerprint) {

    /** No kernel with AppArmor at hand. */
    public static final KernelFeatures NONE = new KernelFeatures(Optional.empty(), "none");

    /**
     * Reads them for their fingerprint.
     *
     * @throws IOException if they are there and cannot be read
     */
    public static KernelFeatures at(Path path) throws IOException {
        if (!Files.exists(path)) {
            return NONE;
        }
        if (Files.isRegularFile(path)) {
            return new KernelFeatures(Optional.of(path), CompileCache.hash(Files.readString(path)));
        }
        StringBuilder all = new StringBuilder();
        List<Path> files;
        try (Stream<Path> tree = Files.walk(path)) {
            files = tree.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            all.append(path.relativize(file))
                    .append('=')
                    .append(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .append('\n');
        }
        return new KernelFeatures(Optional.of(path), CompileCache.hash(all.toString()));
    }
}
