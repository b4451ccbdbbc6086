package io.plumbline.kernel.bindings;

import com.sun.jna.Platform;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The C library {@code libplumbline.so}, if it can be used here. If not, that is a value with its cause, and reading goes on without.
 *
 * <p>It lies in the directory that the system property {@code plumbline.native} names; without the property in
 * {@code native/<platform>/} beside the agent's jar, the platform as JNA names it: {@code linux-x86-64}.
 */
public final class NativeHelpers {

    /** The directory of the library. */
    public static final String DIRECTORY_PROPERTY = "plumbline.native";

    private static final String FILE = "libplumbline.so";

    private final Optional<PlumblineLibrary> library;
    private final String cause;

    private NativeHelpers(Optional<PlumblineLibrary> library, String cause) {
        this.library = library;
        this.cause = cause;
    }

    /** Looks where the system property says, or beside the jar. */
    public static NativeHelpers find() {
        String told = System.getProperty(DIRECTORY_PROPERTY);
        if (told != null) {
            return in(Path.of(told));
        }
        try {
            Path code = Path.of(NativeHelpers.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return in(code.resolveSibling("native").resolve(Platform.RESOURCE_PREFIX));
        } catch (URISyntaxException e) {
            return new NativeHelpers(Optional.empty(), "the agent's jar is at no path: " + e.getMessage());
        }
    }

    /** Looks in one directory. */
    public static NativeHelpers in(Path directory) {
        Path file = directory.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return new NativeHelpers(Optional.empty(), FILE + " not found");
        }
        try {
            int abi = PlumblineLibrary.abi(file);
            return abi == PlumblineHeader.NH_ABI
                    ? new NativeHelpers(Optional.of(PlumblineLibrary.load(file)), "")
                    : new NativeHelpers(
                            Optional.empty(), FILE + " has ABI " + abi + " and not " + PlumblineHeader.NH_ABI);
        } catch (LinkageError e) {
            return new NativeHelpers(Optional.empty(), FILE + " cannot be loaded: " + reason(file, e));
        }
    }

    /** Of JNA's many lines the one of dlopen(3), without the file's name. */
    private static String reason(Path file, LinkageError error) {
        String message = String.valueOf(error.getMessage());
        String prefix = file + ": ";
        return message.lines()
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.substring(prefix.length()))
                .findFirst()
                .orElseGet(() -> message.lines().findFirst().orElse("unknown"));
    }

    public boolean isAvailable() {
        return library.isPresent();
    }

    /** Why it is not available; empty if it is. */
    public String cause() {
        return cause;
    }

    /**
     * Opens a tree for scans.
     *
     * @param commandLineLimit bytes of a command line that are read
     * @throws IOException if the library refuses it
     * @throws IllegalStateException if the library is not available
     */
    public ProcScanner scanner(Path procRoot, int commandLineLimit) throws IOException {
        PlumblineLibrary available =
                library.orElseThrow(() -> new IllegalStateException("native helpers are not available: " + cause));
        long handle = available.nh_open(procRoot.toString(), commandLineLimit, 0);
        if (handle < 0) {
            throw new IOException(procRoot + ": " + Errno.name((int) -handle));
        }
        return new ProcScanner(available, handle);
    }

    /**
     * Asks the kernel to tell of processes.
     *
     * @param procRoot a procfs of the initial pid namespace
     * @param ring whether BPF programs may be loaded for it
     * @throws IOException if it does not, or the library is not available; the message says why and what it takes
     */
    public ProcListener listener(Path procRoot, boolean ring) throws IOException {
        if (library.isEmpty()) {
            throw new IOException("needs the C library: " + cause);
        }
        return ProcListener.open(library.get(), procRoot, ring);
    }
}
