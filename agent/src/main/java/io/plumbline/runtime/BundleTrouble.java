package io.plumbline.runtime;

import io.plumbline.model.OciBundle;
import io.plumbline.model.Reading.Unreadable;
import io.plumbline.runtime.HostFiles.UnreadableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What of a place could not be read, while the rest is. */
final class BundleTrouble {

    private final boolean personal;
    private final List<Unreadable<OciBundle>> all = new ArrayList<>();

    BundleTrouble(BundlePlace place) {
        this.personal = place.personal();
    }

    interface Source<T> {
        Optional<T> read() throws UnreadableException;
    }

    <T> Optional<T> attempt(Source<T> source) {
        try {
            return source.read();
        } catch (UnreadableException e) {
            add(e);
            return Optional.empty();
        }
    }

    /** What another user keeps from us is his own business, and no lack of rights that anyone should be told to grant. */
    void add(UnreadableException e) {
        if (!personal || !e.why().equals("EACCES")) {
            all.add(new Unreadable<>(e.path(), e.why()));
        }
    }

    List<Unreadable<OciBundle>> all() {
        return List.copyOf(all);
    }
}
