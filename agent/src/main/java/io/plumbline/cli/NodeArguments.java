package io.plumbline.cli;

import io.plumbline.kernel.ProcRoot;
import io.plumbline.kubernetes.KubeletConfigFile;
import io.plumbline.runtime.BundleInventory;
import io.plumbline.runtime.CgroupLoad;
import io.plumbline.runtime.NodeFiles;
import io.plumbline.scan.NodeFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the node is that is looked at. */
final class NodeArguments {

    private static final Path LIVE = Path.of("/proc");

    @Option(
            names = "--proc",
            paramLabel = "DIR",
            defaultValue = "/proc",
            description = "The node's /proc: where it is mounted, or a captured tree.")
    private Path proc = LIVE;

    @Option(
            names = "--host-root",
            paramLabel = "DIR",
            description =
                    "The node's root file system, for what is outside /proc: OCI bundles, securityfs, image layers.")
    private @Nullable Path hostRoot;

    /** @throws UsageException if the options name something that is not there */
    void check() {
        Complaints complaints = new Complaints();
        if (!Files.isDirectory(proc)) {
            complaints.that("--proc: " + proc + " is no directory; name the node's /proc or a captured one");
        }
        if (hostRoot != null && !Files.isDirectory(hostRoot)) {
            complaints.that("--host-root: " + hostRoot + " is no directory; name the one where the node's / is");
        }
        complaints.refuse();
    }

    Path proc() {
        return proc;
    }

    /** The machine that we run on, as it is. */
    boolean isThisMachine() {
        return proc.equals(LIVE);
    }

    /** There is a running kernel behind it, and not only a captured tree. */
    boolean hasKernel() {
        return isThisMachine() || hostRoot != null;
    }

    /** Where the node's root is, as far as that was said. */
    Path hostRoot() {
        return hostRoot == null ? Path.of("/") : hostRoot;
    }

    ProcRoot root() {
        return hostRoot == null ? ProcRoot.at(proc) : ProcRoot.at(proc).withHostRoot(hostRoot);
    }

    /** Bundles lie below the node's root; a captured tree without one has none. */
    Optional<BundleInventory> bundles() {
        if (hostRoot != null) {
            return Optional.of(new BundleInventory(hostRoot));
        }
        if (isThisMachine()) {
            return Optional.of(new BundleInventory(Path.of("/")));
        }
        return Files.exists(proc.resolve("self"))
                ? Optional.of(new BundleInventory(proc.resolve("1/root")))
                : Optional.empty();
    }

    /** The node's files beside its bundles. */
    NodeFileReader files() {
        Path root = hostRoot != null ? hostRoot : isThisMachine() ? Path.of("/") : proc.resolve("1/root");
        return hostRoot != null || isThisMachine() || Files.exists(proc.resolve("self"))
                ? new NodeFileReader(
                        new NodeFiles(root),
                        new CgroupLoad(root, System::nanoTime),
                        path -> KubeletConfigFile.read(root, path))
                : NodeFileReader.NONE;
    }

    /** The node's name where the kubelet's answer holds none. */
    String nodeName() {
        String told = System.getenv("PLUMBLINE_NODE_NAME");
        if (told != null && !told.isBlank()) {
            return told;
        }
        try {
            return Files.readString(proc.resolve("sys/kernel/hostname")).strip();
        } catch (IOException e) {
            return "unknown"; // a captured tree does not say whose it is
        }
    }
}
