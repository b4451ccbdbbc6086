package io.plumbline.cli;

import io.plumbline.kubernetes.KubeletException;
import io.plumbline.kubernetes.PodsFile;
import io.plumbline.model.DeclaredNode;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the declared side comes from. */
final class KubeletOptions {

    @Option(
            names = "--pods",
            paramLabel = "FILE",
            description = "A saved answer of the kubelet's /pods instead of a kubelet.")
    private @Nullable Path pods;

    @Option(names = "--no-kubelet", description = "Ask no kubelet: names and promises come from the OCI bundles only.")
    private boolean none;

    /** The kubelet's answer; empty where none is to be asked. */
    Optional<DeclaredNode> ask(Progress progress) {
        if (none && pods != null) {
            throw new UsageException("scan: --no-kubelet and --pods exclude each other; leave one out");
        }
        if (none || pods == null) {
            return Optional.empty();
        }
        progress.now("reading " + pods);
        try {
            return Optional.of(PodsFile.read(pods));
        } catch (KubeletException e) {
            throw new UsageException("scan: --pods: " + e.getMessage());
        }
    }
}
