package io.plumbline.cli;

import io.plumbline.kernel.bindings.Posix;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Where the agent remembers. */
final class StateDirectory {

    private StateDirectory() {}

    /**
     * The directory that was asked for; else the usual one, if it can be had. Another tree than this machine's has no usual one, so that
     * its findings do not take the place of this machine's.
     *
     * @throws UsageException if the one that was asked for cannot be had
     */
    static Optional<StateFile> open(@Nullable Path asked, boolean thisMachine) {
        if (asked == null && !thisMachine) {
            return Optional.empty();
        }
        Optional<Path> directory =
                Optional.ofNullable(asked).or(() -> usual(System.getenv(), new Posix().effectiveUser() == 0));
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(StateFile.in(directory.get()));
        } catch (IOException e) {
            if (asked != null) {
                throw new UsageException("--state-dir: " + e.getMessage());
            }
            LoggerFactory.getLogger(StateDirectory.class)
                    .warn("{}; findings will not outlive this agent (--state-dir names another place)", e.getMessage());
            return Optional.empty();
        }
    }

    /** By the file system hierarchy for root, by the XDG base directories for everybody else. */
    static Optional<Path> usual(Map<String, String> environment, boolean root) {
        if (root) {
            return Optional.of(Path.of("/var/lib/plumbline"));
        }
        return absolute(environment.get("XDG_STATE_HOME"))
                .or(() -> absolute(environment.get("HOME")).map(home -> home.resolve(".local/state")))
                .map(base -> base.resolve("plumbline"));
    }

    private static Optional<Path> absolute(@Nullable String text) {
        return Optional.ofNullable(text).filter(path -> path.startsWith("/")).map(Path::of);
    }
}
