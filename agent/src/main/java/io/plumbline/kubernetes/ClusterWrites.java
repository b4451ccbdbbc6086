package io.plumbline.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.MicroTime;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.api.model.events.v1.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.plumbline.model.Finding;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an agent writes to its cluster: its node's report, by server-side apply, and Events on pods. Each node has one writer, so it takes what
 * others have changed back.
 */
final class ClusterWrites {

    static final String GROUP = "plumbline.io";
    static final String VERSION = "v1alpha1";
    static final String MANAGER = "plumbline-agent";

    /** A node's ClusterReport is called like the node, and not only so: others write such objects too. */
    static final String OPEN_REPORT_PREFIX = "plumbline-";

    private static final int BAD = 400;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int INVALID = 422;

    private static final ResourceDefinitionContext REPORTS = new ResourceDefinitionContext.Builder()
            .withGroup(GROUP)
            .withVersion(VERSION)
            .withKind("NodeReport")
            .withPlural("nodereports")
            .withNamespaced(false)
            .build();

    private static final ResourceDefinitionContext OPEN_REPORTS = new ResourceDefinitionContext.Builder()
            .withGroup("openreports.io")
            .withVersion("v1alpha1")
            .withKind("ClusterReport")
            .withPlural("clusterreports")
            .withNamespaced(false)
            .build();

    /** {@code metav1.MicroTime}: six digits after the point, always. */
    private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final KubernetesClient client;
    private final String node;
    private @Nullable String nodeUid;

    ClusterWrites(KubernetesClient client, String node) {
        this.client = client;
        this.node = node;
    }

    /** How a write ended. */
    sealed interface Outcome {
        /** It is there. */
        record Written() implements Outcome {}

        /**
         * It is not there.
         *
         * @param after how long the server asks to wait; zero where it does not say
         */
        record Refused(String why, Duration after) implements Outcome {}

        /** It will never be there: it is this one that is refused, whenever it is tried. */
        record Hopeless(String why) implements Outcome {}
    }

    /** Writes the whole report; what an earlier one had and this one has not is gone afterwards. */
    Outcome apply(NodeReport report) {
        return apply(
                REPORTS,
                object(GROUP + "/" + VERSION, "NodeReport", node)
                        .withAdditionalProperties(Map.of("status", RecordJson.of(report))),
                "patch and create on nodereports.plumbline.io, get on nodes");
    }

    /** The same in the words of OpenReports. */
    Outcome apply(OpenReport report) {
        GenericKubernetesResourceBuilder object =
                object("openreports.io/v1alpha1", "ClusterReport", OPEN_REPORT_PREFIX + node);
        RecordJson.of(report)
                .properties()
                .forEach(field -> object.addToAdditionalProperties(field.getKey(), field.getValue()));
        return apply(OPEN_REPORTS, object, "patch and create on clusterreports.openreports.io, get on nodes");
    }

    private static GenericKubernetesResourceBuilder object(String version, String kind, String name) {
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(version)
                .withKind(kind)
                .withNewMetadata()
                .withName(name)
                .addToLabels("app.kubernetes.io/managed-by", MANAGER)
                .endMetadata();
    }

    private Outcome apply(ResourceDefinitionContext kind, GenericKubernetesResourceBuilder object, String rights) {
        try {
            GenericKubernetesResource owned = object.editMetadata()
                    // with its node it goes
                    .addNewOwnerReference()
                    .withApiVersion("v1")
                    .withKind("Node")
                    .withName(node)
                    .withUid(uidOfNode())
                    .endOwnerReference()
                    .endMetadata()
                    .build();
            client.genericKubernetesResources(kind)
                    .resource(owned)
                    .fieldManager(MANAGER)
                    .forceConflicts()
                    .serverSideApply();
            return new Outcome.Written();
        } catch (KubernetesClientException e) {
            // A node of the same name may be another one by now.
            nodeUid = null;
            return refused(e, rights);
        } catch (RuntimeException e) {
            return new Outcome.Refused(NodeReport.shown(String.valueOf(e.getMessage())), Duration.ZERO);
        }
    }

    /** An Event on the finding's pod. One that is there already is as good as a new one: the same finding has the same name. */
    Outcome create(Finding finding, Instant now) {
        Event event = new EventBuilder()
                .withNewMetadata()
                .withName(NodeReport.cut(finding.container().pod(), 230).replace("…", "") + "." + finding.id())
                .withNamespace(finding.container().namespace())
                .endMetadata()
                .withEventTime(new MicroTime(MICROS.format(now)))
                .withReportingController(GROUP + "/agent")
                .withReportingInstance(NodeReport.cut(node, 128))
                .withAction("Checking")
                .withReason(reason(finding.check()))
                .withType("Warning")
                .withNote(NodeReport.cut(
                        Excerpt.line(finding.severity().word() + ": " + finding.message() + " (plumbline explain "
                                + finding.check() + ")"),
                        1000))
                .withNewRegarding()
                .withApiVersion("v1")
                .withKind("Pod")
                .withName(finding.container().pod())
                .withNamespace(finding.container().namespace())
                .withUid(finding.container().podUid())
                .endRegarding()
                .build();
        try {
            client.resource(event).create();
            return new Outcome.Written();
        } catch (KubernetesClientException e) {
            if (e.getCode() == CONFLICT) {
                return new Outcome.Written();
            }
            return isOfThisOne(e)
                    ? new Outcome.Hopeless(NodeReport.shown(AccessReviews.why(e)))
                    : refused(e, "create on events.events.k8s.io");
        } catch (RuntimeException e) {
            return new Outcome.Refused(NodeReport.shown(String.valueOf(e.getMessage())), Duration.ZERO);
        }
    }

    /** What is wrong is the object, or its namespace, which is gone or going (its admission plugin's cause): another may be taken. */
    private static boolean isOfThisOne(KubernetesClientException e) {
        boolean ending = Stream.ofNullable(e.getStatus())
                .flatMap(status -> Stream.ofNullable(status.getDetails()))
                .flatMap(details -> details.getCauses().stream())
                .anyMatch(cause -> "NamespaceTerminating".equals(cause.getReason()));
        return ending || e.getCode() == NOT_FOUND || e.getCode() == INVALID || e.getCode() == BAD;
    }

    /** {@code root-user} is {@code RootUser}: reasons are in camel case. */
    private static String reason(String check) {
        StringBuilder reason = new StringBuilder();
        for (String word : check.split("-", -1)) {
            if (!word.isEmpty()) {
                reason.append(Character.toUpperCase(word.charAt(0))).append(word, 1, word.length());
            }
        }
        return NodeReport.cut(reason.toString(), 128);
    }

    private String uidOfNode() {
        String known = nodeUid;
        if (known == null) {
            Node found = client.nodes().withName(node).get();
            if (found == null) {
                throw new IllegalStateException("the cluster has no node " + node + "; NODE_NAME is its spec.nodeName");
            }
            known = found.getMetadata().getUid();
            nodeUid = known;
        }
        return known;
    }

    static Outcome.Refused refused(KubernetesClientException e, String right) {
        String why = switch (e.getCode()) {
            case FORBIDDEN -> "403: this agent may not do that; its ClusterRole needs " + right + ", and its own node";
            case NOT_FOUND ->
                "404: the cluster does not know these objects; apply the CustomResourceDefinitions of the manifests (of"
                        + " openreports.io: those of OpenReports)";
            default ->
                e.getStatus() == null || e.getStatus().getMessage() == null
                        ? AccessReviews.why(e)
                        : e.getCode() + ": " + e.getStatus().getMessage();
        };
        return new Outcome.Refused(
                NodeReport.shown(why),
                Optional.ofNullable(e.getStatus())
                        .flatMap(status -> Optional.ofNullable(status.getDetails()))
                        .flatMap(details -> Optional.ofNullable(details.getRetryAfterSeconds()))
                        .map(Duration::ofSeconds)
                        .orElse(Duration.ZERO));
    }
}
