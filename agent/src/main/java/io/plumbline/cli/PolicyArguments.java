package io.plumbline.cli;

import io.plumbline.checks.PolicyException;
import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.scan.Policies;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** By which policies a node is judged. */
final class PolicyArguments {

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            split = ",",
            description =
                    "PodSecurityPolicies or your own policies (plumbline.io/v1), instead of plumbline-default; your own rules"
                            + " in CEL are added to it. May be repeated. The levels in namespaces' labels hold as well.")
    private List<Path> files = List.of();

    List<Path> files() {
        return files;
    }

    Policies read() {
        return read(files);
    }

    /** Each problem as a line for the user. */
    static List<String> lines(List<String> problems) {
        return problems.stream().map(problem -> "--policy: " + problem).toList();
    }

    /** @throws UsageException if they cannot be read, or are not all right */
    static Policies read(List<Path> files) {
        try {
            return Policies.of(PolicyFiles.read(files));
        } catch (ManifestException e) {
            throw new UsageException(lines(e.problems()));
        } catch (PolicyException e) {
            throw new UsageException(lines(e.problems()));
        }
    }
}
