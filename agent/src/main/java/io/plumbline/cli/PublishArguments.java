package io.plumbline.cli;

import io.plumbline.kubernetes.ApiServerClient;
import io.plumbline.kubernetes.ClusterPublisher;
import io.plumbline.kubernetes.ClusterPublisher.Tally;
import io.plumbline.kubernetes.ClusterPublisher.What;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** What is written to the cluster. */
final class PublishArguments {

    @Option(
            names = "--publish",
            split = ",",
            paramLabel = "WHAT",
            description =
                    "What to write to the cluster: report (one NodeReport for this node), events (an Event on a pod"
                            + " when drift of severity high or critical opens); several with commas. Without it nothing.")
    private List<String> what = List.of();

    /**
     * The publisher, started; empty where nothing is to be written.
     *
     * @param server how to reach the API server; asked only where something is to be written
     */
    Optional<ClusterPublisher> publisher(
            Supplier<Optional<ApiServerClient>> server, Map<String, String> environment, String version, Tally tally) {
        Set<What> chosen = EnumSet.noneOf(What.class);
        for (String word : what) {
            chosen.add(
                    switch (word.strip().toLowerCase(Locale.ROOT)) {
                        case "report" -> What.REPORT;
                        case "events" -> What.EVENTS;
                        default ->
                            throw new UsageException(
                                    "--publish: '" + word + "' is neither 'report' nor 'events'; give one or both");
                    });
        }
        if (chosen.isEmpty()) {
            return Optional.empty();
        }
        String node = environment.getOrDefault("PLUMBLINE_NODE_NAME", environment.getOrDefault("NODE_NAME", ""));
        if (node.isBlank()) {
            throw new UsageException(
                    "--publish: NODE_NAME is not set, and a report has to be of a node; set it from the field"
                            + " spec.nodeName");
        }
        ApiServerClient client = server.get()
                .orElseThrow(() -> new UsageException(
                        "--publish: there is no API server to write to; run in a pod, or give --kubeconfig FILE"));
        return Optional.of(client.publisher(node, chosen, version, InstantSource.system(), tally));
    }
}
