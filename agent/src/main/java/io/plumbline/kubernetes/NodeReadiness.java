package io.plumbline.kubernetes;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Taint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.plumbline.kubernetes.ClusterWrites.Outcome;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.State;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says by a label of the node that the AppArmor profiles which it is to have are in its kernel, and takes away the taint with which it
 * joined: so a pod that needs a profile does not land where it is missing. Asks for the node first, and writes only what is to change; what
 * somebody else changed meanwhile fails the patch's test, and is looked at again.
 */
final class NodeReadiness {

    /** There with the value {@link #READY}, or not there. */
    static final String LABEL = "plumbline.io/profiles";

    static final String READY = "ready";

    /** Whatever its effect: nodes are registered with it, and lose it when they are ready for the first time. */
    static final String TAINT = "plumbline.io/profiles-not-ready";

    /** Pods wait for it, so it is told sooner than a report; and not more often than this, should a profile come and go. */
    static final Cadence.Pauses PAUSES = new Cadence.Pauses(
            Duration.ofSeconds(5), Duration.ofMinutes(30), Duration.ofSeconds(5), Duration.ofMinutes(10));

    private static final String MANAGER = "plumbline-agent-readiness";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private static final ResourceDefinitionContext NODES = new ResourceDefinitionContext.Builder()
            .withVersion("v1")
            .withKind("Node")
            .withPlural("nodes")
            .withNamespaced(false)
            .build();

    private final KubernetesClient client;
    private final String name;

    NodeReadiness(KubernetesClient client, String name) {
        this.client = client;
        this.name = name;
    }

    /** All that is wanted is known, and the kernel verifiably holds it. */
    static boolean isReady(AppArmorProfiles profiles) {
        return profiles.isWhole()
                && profiles.trouble().isEmpty()
                && profiles.profiles().stream()
                        .filter(profile -> profile.isWanted() && !profile.removing())
                        .allMatch(profile -> profile.state() == State.VERIFIED
                                && profile.errors().isEmpty());
    }

    /** The node says so, or no longer. */
    Outcome write(boolean ready) {
        try {
            Node node = client.nodes().withName(name).get();
            if (node == null) {
                return new Outcome.Refused(
                        "the cluster has no node " + name + "; NODE_NAME is its spec.nodeName", Duration.ZERO);
            }
            Optional<String> label = Optional.ofNullable(node.getMetadata().getLabels())
                    .flatMap(labels -> Optional.ofNullable(labels.get(LABEL)));
            if (ready && !label.equals(Optional.of(READY))) {
                label(node);
            }
            if (!ready && label.isPresent()) {
                patch(withoutLabel(label.get()));
            }
            if (ready) {
                ArrayNode patch = withoutTaint(
                        Optional.ofNullable(node.getSpec().getTaints()).orElse(List.of()));
                if (!patch.isEmpty()) {
                    patch(patch);
                }
            }
            return new Outcome.Written();
        } catch (KubernetesClientException e) {
            return ClusterWrites.refused(e, "get and patch on nodes");
        } catch (RuntimeException e) {
            return new Outcome.Refused(NodeReport.shown(String.valueOf(e.getMessage())), Duration.ZERO);
        }
    }

    /** By server-side apply: the field has an owner that {@code kubectl} shows. The uid keeps it from a new node of the same name. */
    private void label(Node node) {
        client.genericKubernetesResources(NODES)
                .resource(new GenericKubernetesResourceBuilder()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withNewMetadata()
                        .withName(name)
                        .withUid(node.getMetadata().getUid())
                        .withLabels(Map.of(LABEL, READY))
                        .endMetadata()
                        .build())
                .fieldManager(MANAGER)
                .forceConflicts()
                .serverSideApply();
    }

    private void patch(ArrayNode operations) {
        client.nodes().withName(name).patch(PatchContext.of(PatchType.JSON), operations.toString());
    }

    private static ArrayNode withoutLabel(String value) {
        String path = "/metadata/labels/" + LABEL.replace("/", "~1");
        ArrayNode operations = JSON.arrayNode();
        operations.add(operation("test", path).put("value", value));
        operations.add(operation("remove", path));
        return operations;
    }

    /** From the last to the first, because what comes after a removed one moves up. */
    private static ArrayNode withoutTaint(List<Taint> taints) {
        ArrayNode operations = JSON.arrayNode();
        for (int place = taints.size() - 1; place >= 0; place--) {
            if (TAINT.equals(taints.get(place).getKey())) {
                operations.add(
                        operation("test", "/spec/taints/" + place + "/key").put("value", TAINT));
                operations.add(operation("remove", "/spec/taints/" + place));
            }
        }
        return operations;
    }

    private static ObjectNode operation(String op, String path) {
        return JSON.objectNode().put("op", op).put("path", path);
    }
}
