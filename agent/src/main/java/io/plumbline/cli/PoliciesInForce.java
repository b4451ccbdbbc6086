package io.plumbline.cli;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.AgentState;
import io.plumbline.scan.Policies;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * The files of {@code --policy}, read again, all of them, when one changes. If they cannot be read, or not be understood, nothing changes:
 * the last good ones stay in force, and whoever asks is told. One thread at a time, but for {@link #state} and {@link #descriptions}.
 */
final class PoliciesInForce {

    private final PolicyArguments arguments;
    private volatile Policies policies;
    private List<Optional<FileStamp>> read;
    private volatile AgentState.Policies state;

    /** @throws UsageException if the files are not all right */
    PoliciesInForce(PolicyArguments arguments) {
        this.arguments = arguments;
        this.read = stamps();
        this.policies = arguments.read();
        this.state = new AgentState.Policies(names(), Optional.empty());
    }

    /** What is in force now. */
    Policies now() {
        List<Optional<FileStamp>> stamps = stamps();
        if (!stamps.equals(read)) {
            // Also of broken files: they are not read again before they change.
            read = stamps;
            refresh();
        }
        return policies;
    }

    /** Any thread. */
    AgentState.Policies state() {
        return state;
    }

    /** What may be found under what is in force. Any thread. */
    List<CheckDescription> descriptions() {
        return policies.descriptions();
    }

    private void refresh() {
        Optional<String> trouble = Optional.empty();
        try {
            policies = arguments.read();
            LoggerFactory.getLogger(PoliciesInForce.class).info("policies read again: {}", String.join(", ", names()));
        } catch (UsageException e) {
            trouble = Optional.of(String.join("; ", e.messages()));
            LoggerFactory.getLogger(PoliciesInForce.class).warn("{}; the last good policies stay", trouble.get());
        }
        state = new AgentState.Policies(names(), trouble);
    }

    private List<String> names() {
        return arguments.files().stream().map(Path::toString).toList();
    }

    /** Empty of one that is not there, or cannot be looked at. */
    private List<Optional<FileStamp>> stamps() {
        List<Optional<FileStamp>> stamps = new ArrayList<>();
        for (Path file : arguments.files()) {
            try {
                stamps.add(Optional.of(FileStamp.of(file)));
            } catch (IOException e) {
                stamps.add(Optional.empty());
            }
        }
        return stamps;
    }
}
