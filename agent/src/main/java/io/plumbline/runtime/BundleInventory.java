package io.plumbline.runtime;

import io.plumbline.model.RuntimeInventory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Finds the bundles of every container on the node, of whichever runtime.
 *
 * <p>A container that is met twice (podman's bundle and its pid lie in different places, Docker's container has runc's state as
 * well) is one bundle, read from the first place and completed by what only the later ones know. From look to look it keeps what it
 * made of files that have not changed. One thread at a time.
 */
public final class BundleInventory {

    private final HostFiles host;
    private final List<BundlePlace> places;
    private final BundleFiles files;

    /**
     * An inventory of the known places.
     *
     * @param hostRoot where the host's root is, {@code /} for the machine we are on
     */
    public BundleInventory(Path hostRoot) {
        this(hostRoot, List.of());
    }

    /**
     * An inventory of the known places and of others.
     *
     * @param extra looked into after the known ones
     */
    public BundleInventory(Path hostRoot, List<BundlePlace> extra) {
        this.host = new HostFiles(hostRoot);
        this.files = new BundleFiles(host);
        this.places =
                Stream.concat(BundlePlace.known().stream(), extra.stream()).toList();
    }

    /** Looks at what is there now. */
    public RuntimeInventory read() {
        host.beginLook();
        files.beginLook();
        return new BundleSearch(host, files).through(places);
    }
}
