package io.plumbline.cli;

import io.plumbline.checks.CheckDescription;
import io.plumbline.kubernetes.ExceptionsReader;
import io.plumbline.kubernetes.ManifestException;
import io.plumbline.model.AgentState;
import io.plumbline.model.ExceptionRule;
import io.plumbline.state.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of exceptions, read again when it changes. One that cannot be read, or not be understood, changes nothing: the last good one
 * stays in force, and whoever asks is told. One thread at a time, but for {@link #state}.
 */
final class ExceptionsFile {

    private static final Logger LOG = LoggerFactory.getLogger(ExceptionsFile.class);

    private final Optional<Path> file;
    private final Supplier<List<CheckDescription>> checks;
    private List<ExceptionRule> rules = List.of();
    private Optional<FileStamp> read = Optional.empty();
    private List<String> wrong = List.of();
    private volatile AgentState.Exceptions state;

    /**
     * @param file null where there are no exceptions
     * @param checks whose findings there may be; asked whenever the file is read
     */
    ExceptionsFile(@Nullable Path file, Supplier<List<CheckDescription>> checks) {
        this.file = Optional.ofNullable(file);
        this.checks = checks;
        this.state = new AgentState.Exceptions(this.file.map(Path::toString), 0, Optional.empty());
    }

    /** What is in force now. Of a file that is not all right the log is told, once. */
    List<ExceptionRule> rules() {
        Optional<String> before = state.trouble();
        file.ifPresent(this::refresh);
        state.trouble()
                .filter(why -> !before.equals(Optional.of(why)))
                .ifPresent(why -> LOG.warn("{}; the last good exceptions stay, {} of them", why, rules.size()));
        return rules;
    }

    /**
     * The same for a single scan.
     *
     * @throws UsageException if the file is not all right
     */
    List<ExceptionRule> rulesOrFail() {
        file.ifPresent(this::refresh);
        if (!wrong.isEmpty()) {
            throw new UsageException(wrong.stream()
                    .map(problem -> "--exceptions: " + file.orElseThrow() + ": " + problem)
                    .toList());
        }
        return rules;
    }

    /** Any thread. */
    AgentState.Exceptions state() {
        return state;
    }

    private void refresh(Path path) {
        try {
            FileStamp now = FileStamp.of(path);
            if (read.equals(Optional.of(now))) {
                return;
            }
            // Also of a broken file: it is not read again before it changes.
            read = Optional.of(now);
            try (InputStream in = Files.newInputStream(path)) {
                rules = ExceptionsReader.read(in);
            }
            wrong = List.of();
            List<String> known = checks.get().stream().map(CheckDescription::id).toList();
            UnknownChecks.among(rules, known).forEach(line -> LOG.warn("{}: {}", path, line));
        } catch (ManifestException e) {
            wrong = e.problems();
        } catch (NoSuchFileException e) {
            couldNotRead("no such file");
        } catch (IOException e) {
            couldNotRead(Trouble.of(e));
        }
        Optional<String> trouble =
                wrong.isEmpty() ? Optional.empty() : Optional.of(path + ": " + String.join("; ", wrong));
        state = new AgentState.Exceptions(Optional.of(path.toString()), rules.size(), trouble);
    }

    /** What kept it from being read may pass without a change of the file. */
    private void couldNotRead(String why) {
        read = Optional.empty();
        wrong = List.of(why);
    }
}
