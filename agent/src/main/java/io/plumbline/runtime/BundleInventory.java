package io.plumbline.runtime;

import io.plumbline.model.RuntimeInventory;
import java.nio.file.Path;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the bundles of every container on the node, of whichever runtime.
 *
 * <p>A container that is met twice (podman's bundle and its pid lie in different places, Docker's container has runc's state as
 * well) is one bundle, read from the first place and completed by what only the later ones know. From look to look it keeps what it
 * made of directories and files that have not changed. One thread at a time.
 */
public final class BundleInventory {

    /** What is written into a file in place, and changes no directory's time, is seen after this long. */
    private static final long THOROUGH_EACH_MS = 60_000;

    private final HostFiles host;
    private final BundleFiles files;
    private final List<BundlePlaceLook> looks;
    private final LongSupplier millis;
    private @Nullable RuntimeInventory last;
    private long thoroughAt;

    /**
     * An inventory of the known places.
     *
     * @param hostRoot where the host's root is, {@code /} for the machine we are on
     */
    public BundleInventory(Path hostRoot) {
        this(hostRoot, List.of(), System::currentTimeMillis);
    }

    /**
     * An inventory of the known places and of others.
     *
     * @param extra looked into after the known ones
     */
    public BundleInventory(Path hostRoot, List<BundlePlace> extra) {
        this(hostRoot, extra, System::currentTimeMillis);
    }

    /** @param millis the clock that files are dated by */
    BundleInventory(Path hostRoot, List<BundlePlace> extra, LongSupplier millis) {
        this.host = new HostFiles(hostRoot);
        this.files = new BundleFiles(host);
        this.looks = Stream.concat(BundlePlace.known().stream(), extra.stream())
                .map(place -> new BundlePlaceLook(place, host, files))
                .toList();
        this.millis = millis;
    }

    /** Looks at what is there now; the last answer itself, if that is as it was. */
    public RuntimeInventory read() {
        long now = millis.getAsLong();
        RuntimeInventory known = last;
        // The clock may be set back too.
        boolean thorough = known == null || Math.abs(now - thoroughAt) >= THOROUGH_EACH_MS;
        host.beginLook();
        if (thorough) {
            thoroughAt = now;
            files.forgetUnused();
        }
        boolean changed = false;
        for (BundlePlaceLook look : looks) {
            changed |= look.look(thorough, now);
        }
        if (known == null || changed) {
            known = BundleUnion.of(looks);
            last = known;
        }
        return known;
    }
}
