package io.plumbline.cli;

import io.plumbline.apparmor.CompileCache;
import io.plumbline.apparmor.OwnershipRecord;
import io.plumbline.apparmor.PolicyLoader;
import io.plumbline.kernel.AppArmorPolicy;
import io.plumbline.kernel.LiveLabels;
import io.plumbline.kernel.bindings.Posix;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The node whose policy is looked at or changed. */
final class AppArmorArguments {

    @Option(
            names = "--host-root",
            paramLabel = "DIR",
            defaultValue = "/",
            description = "The node's root file system, with its securityfs (default: ${DEFAULT-VALUE}).")
    private Path hostRoot = Path.of("/");

    @Option(
            names = "--proc",
            paramLabel = "DIR",
            defaultValue = "/proc",
            description = "The node's /proc, to see which processes a profile confines.")
    private Path proc = Path.of("/proc");

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description =
                    "Where the record of what was loaded from here is kept (default: /var/lib/plumbline for root, else"
                            + " ~/.local/state/plumbline).")
    private @Nullable Path stateDirectory;

    Path hostRoot() {
        if (!Files.isDirectory(hostRoot)) {
            throw new UsageException(
                    "--host-root: " + hostRoot + " is no directory; name the one where the node's / is");
        }
        return hostRoot;
    }

    AppArmorPolicy kernel() {
        return AppArmorPolicy.below(hostRoot());
    }

    LiveLabels labels() {
        return new LiveLabels(proc);
    }

    /** @throws UsageException if AppArmor is not in force here, or cannot be seen */
    void requireAppArmor() {
        Reading<Boolean> enabled = kernel().enabled();
        if (enabled.observed().filter(on -> on).isEmpty()) {
            throw new UsageException(
                    enabled.observed().isPresent()
                            ? "AppArmor is off on this node: the kernel holds no profiles"
                            : "AppArmor cannot be reached: "
                                    + enabled.trouble().orElse("this kernel does not have it"));
        }
    }

    /** Empty where there is no place for it. */
    Optional<OwnershipRecord> record() {
        Optional<Path> directory = directory();
        Optional<String> boot = kernel().bootId().observed();
        return directory.isPresent() && boot.isPresent()
                ? Optional.of(OwnershipRecord.in(directory.get(), boot.get()))
                : Optional.empty();
    }

    PolicyLoader loader() {
        return new PolicyLoader(
                kernel(),
                labels(),
                record().orElseThrow(() ->
                        new UsageException("there is no place to record what is loaded; name one with --state-dir")));
    }

    /** Without one everything is compiled anew. */
    Optional<CompileCache> cache() {
        return directory().flatMap(place -> {
            try {
                return Optional.of(CompileCache.in(place.resolve("compiled")));
            } catch (IOException e) {
                return Optional.empty();
            }
        });
    }

    private Optional<Path> directory() {
        return Optional.ofNullable(stateDirectory)
                .or(() -> StateDirectory.usual(System.getenv(), new Posix().effectiveUser() == 0));
    }
}
