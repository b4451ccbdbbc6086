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
import picocli.CommandLine.Option;

/** What is written to the cluster. */
final class PublishArguments {

    private static final String NO_SERVER =
            "--publish: there is no API server to write to; run in a pod, or give --kubeconfig FILE";

    @Option(
            names = "--publish",
            split = ",",
            paramLabel = "WHAT",
            description =
                    "What to write to the cluster, separated by commas: report (a NodeReport for this node), events (an"
                            + " Event on a pod when drift of severity high or critical opens), openreports (a"
                            + " ClusterReport of openreports.io for this node), readiness (the label"
                            + " plumbline.io/profiles=ready on the node while its AppArmor profiles are loaded and"
                            + " verified; also removes its taint plumbline.io/profiles-not-ready). Default: nothing.")
    private List<String> what = List.of();

    /**
     * Is what is asked for possible?
     *
     * @param hasServer there is an API server to write to
     * @param hasProfiles there are profiles to be loaded
     * @throws UsageException with everything that is in the way
     */
    void check(Map<String, String> environment, boolean hasServer, boolean hasProfiles) {
        Complaints complaints = new Complaints();
        Optional<Set<What>> asked = complaints.of(this::chosen);
        boolean some = asked.map(chosen -> !chosen.isEmpty()).orElse(true);
        if (!hasProfiles
                && asked.filter(chosen -> chosen.contains(What.READINESS)).isPresent()) {
            complaints.that("--publish: 'readiness' is that of AppArmor profiles, and there are none to be loaded; give"
                    + " --apparmor-objects or --apparmor-profiles DIR");
        }
        if (some && node(environment).isBlank()) {
            complaints.that("--publish: NODE_NAME is not set, and a report has to be of a node; set it from the field"
                    + " spec.nodeName");
        }
        if (some && !hasServer) {
            complaints.that(NO_SERVER);
        }
        complaints.refuse();
    }

    private Set<What> chosen() {
        Set<What> chosen = EnumSet.noneOf(What.class);
        Complaints complaints = new Complaints();
        for (String word : what) {
            switch (word.strip().toLowerCase(Locale.ROOT)) {
                case "report" -> chosen.add(What.REPORT);
                case "events" -> chosen.add(What.EVENTS);
                case "openreports" -> chosen.add(What.OPENREPORTS);
                case "readiness" -> chosen.add(What.READINESS);
                default ->
                    complaints.that("--publish: '" + word + "' is none of 'report', 'events', 'openreports' and"
                            + " 'readiness'; give one or several");
            }
        }
        complaints.refuse();
        return chosen;
    }

    /** What this node is called in its cluster; blank where nobody says it. */
    static String node(Map<String, String> environment) {
        return environment.getOrDefault("PLUMBLINE_NODE_NAME", environment.getOrDefault("NODE_NAME", ""));
    }

    /** The publisher, started; empty where nothing is to be written. What was asked for was checked. */
    Optional<ClusterPublisher> publisher(
            Optional<ApiServerClient> server, Map<String, String> environment, String version, Tally tally) {
        Set<What> chosen = chosen();
        if (chosen.isEmpty()) {
            return Optional.empty();
        }
        ApiServerClient client = server.orElseThrow(() -> new UsageException(NO_SERVER));
        return Optional.of(client.publisher(node(environment), chosen, version, InstantSource.system(), tally));
    }
}
