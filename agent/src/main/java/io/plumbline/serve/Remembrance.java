package io.plumbline.serve;

import io.plumbline.model.AgentState.Memory;
import io.plumbline.model.OpenFinding;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what is open in a file, where there is one to keep it in. A file that cannot be written does not stop the agent. */
final class Remembrance {

    /** Each write is an fsync(2); when a finding was seen last is worth one of them a minute, not one with every scan. */
    private static final Duration LAST_SEEN = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Remembrance.class);

    private final Optional<StateFile> file;
    private Optional<String> trouble = Optional.empty();
    private Instant written = Instant.EPOCH;

    Remembrance(Optional<StateFile> file) {
        this.file = file;
    }

    /** What was open when the last agent ended. */
    List<OpenFinding> recall() {
        if (file.isEmpty()) {
            return List.of();
        }
        try {
            StateFile.Memory memory = file.get().read();
            memory.trouble().ifPresent(LOG::warn);
            return memory.open();
        } catch (IOException e) {
            failed(e);
            return List.of();
        }
    }

    /** @param changed something opened or closed, which is written at once */
    void keep(List<OpenFinding> open, boolean changed, Instant now) {
        boolean due = changed || trouble.isPresent() || written.plus(LAST_SEEN).isBefore(now);
        if (file.isEmpty() || !due) {
            return;
        }
        try {
            file.get().write(open);
            written = now;
            if (trouble.isPresent()) {
                LOG.info("{}: can be written again", file.get().directory());
            }
            trouble = Optional.empty();
        } catch (IOException e) {
            failed(e);
        }
    }

    Memory state() {
        return new Memory(file.map(kept -> kept.directory().toString()), trouble);
    }

    private void failed(IOException failure) {
        String why = String.valueOf(failure.getMessage());
        if (!trouble.equals(Optional.of(why))) {
            LOG.warn("{}; findings will not outlive this agent until that works again", why);
        }
        trouble = Optional.of(why);
    }
}
