package io.plumbline.cli;

import io.plumbline.apparmor.CompileCache;
import io.plumbline.apparmor.KernelFeatures;
import io.plumbline.apparmor.ParserProgram;
import io.plumbline.apparmor.ProfileCompiler;
import io.plumbline.state.Trouble;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What profiles are compiled with. */
final class ParserArguments {

    private static final String FEATURES = "sys/kernel/security/apparmor/features";

    @Option(
            names = "--parser",
            paramLabel = "FILE",
            description = "The apparmor_parser to run (default: the one in /usr/sbin or /sbin).")
    private @Nullable Path program;

    @Option(
            names = "--parser-base",
            paramLabel = "DIR",
            defaultValue = "/etc/apparmor.d",
            description =
                    "Where the parser finds what profiles include; nothing else is read (default: ${DEFAULT-VALUE}).")
    private Path base = ProfileCompiler.USUAL_BASE;

    @Option(
            names = "--kernel-features",
            paramLabel = "FILE|DIR",
            description = "AppArmor features to compile for, if not this kernel's (default: those in securityfs).")
    private @Nullable Path features;

    /** The compiler that the options name; empty where the parser is in none of its usual places. */
    Optional<ProfileCompiler> compiler(Path hostRoot, Optional<CompileCache> cache) {
        Optional<Path> found = program == null ? ParserProgram.usual() : Optional.of(program);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new ProfileCompiler(
                    ParserProgram.at(found.get(), ParserProgram.Limits.USUAL), base, features(hostRoot), cache));
        } catch (IOException e) {
            throw new UsageException((program == null ? "" : "--parser: ") + e.getMessage());
        }
    }

    /** The same, of a command that can do nothing without it. */
    ProfileCompiler compilerOrElse(Path hostRoot, Optional<CompileCache> cache) {
        return compiler(hostRoot, cache)
                .orElseThrow(() -> new UsageException("there is no apparmor_parser, which alone can compile profiles;"
                        + " install the package apparmor, or name one with --parser"));
    }

    /** Without them the parser takes the machine for one of old, and compiles less. */
    boolean hasFeatures(Path hostRoot) {
        return features != null || Files.isDirectory(hostRoot.resolve(FEATURES));
    }

    private KernelFeatures features(Path hostRoot) {
        Path place = features == null ? hostRoot.resolve(FEATURES) : features;
        if (features != null && !Files.exists(features)) {
            throw new UsageException("--kernel-features: " + features + ": no such file or directory");
        }
        try {
            return KernelFeatures.at(place);
        } catch (IOException e) {
            throw new UsageException(place + ": cannot be read: " + Trouble.of(e));
        }
    }
}
