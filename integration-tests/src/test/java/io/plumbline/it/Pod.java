package io.plumbline.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A pod as a manifest declares it, with what the API server adds: UID, namespace, service account token. Where the
 * kubelet's and the runtime's cgroups are is part of it, because the pod cannot choose that and a test must.
 */
final class Pod {
    private static final YAMLMapper YAML = new YAMLMapper();

    private final ObjectNode object;
    private final CgroupShape shape;
    private final String uid;

    private Pod(ObjectNode object, CgroupShape shape, String uid) {
        this.object = object;
        this.shape = shape;
        this.uid = uid;
    }

    /** From a manifest in YAML; kind and version may be left out, and of a container all but its name. */
    static Pod of(String manifest) {
        ObjectNode object;
        try {
            object = (ObjectNode) YAML.readTree(manifest);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(manifest, e);
        }
        String uid = UUID.randomUUID().toString();
        ObjectNode metadata = object.withObject("/metadata");
        if (!metadata.has("namespace")) {
            metadata.put("namespace", "default");
        }
        metadata.put("uid", uid);
        metadata.put("creationTimestamp", "2026-11-20T21:41:06Z");
        ObjectNode annotations = metadata.withObject("/annotations");
        annotations.put("kubernetes.io/config.seen", "2026-11-20T21:41:06.705187021Z");
        annotations.put("kubernetes.io/config.source", "api");
        var pod = new Pod(object, CgroupShape.CGROUPFS, uid);
        pod.complete();
        return pod;
    }

    /** One container of that name with this security context. */
    static Pod withContainer(String name, String securityContext) {
        return of("""
                metadata: {name: %s}
                spec:
                  containers:
                  - {name: main, securityContext: %s}
                """.formatted(name, securityContext));
    }

    /** The pod {@code shop/web-7d4b9c-x2x4k} of the Deployment {@code web}, with one container. */
    static Pod ofDeployment(String container) {
        return of("""
                metadata:
                  name: web-7d4b9c-x2x4k
                  namespace: shop
                  labels: {pod-template-hash: 7d4b9c}
                  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-7d4b9c, uid: u, controller: true}]
                spec: {containers: [%s]}
                """.formatted(container));
    }

    Pod in(CgroupShape other) {
        return new Pod(object, other, uid);
    }

    /**
     * The same pod from a file on the node. Its cgroup is named after the hash of the manifest; what the kubelet lists
     * has this hash as UID and, once the API server has its mirror, in an annotation.
     */
    Pod fromManifestFile() {
        String hash = uid.replace("-", "");
        ObjectNode copy = object.deepCopy();
        copy.withObject("/metadata").put("uid", hash);
        ObjectNode annotations = copy.withObject("/metadata/annotations");
        annotations.put("kubernetes.io/config.hash", hash);
        annotations.put("kubernetes.io/config.source", "file");
        return new Pod(copy, shape, hash);
    }

    /** The mirror pod that the API server holds for a static one: another UID, the hash in the annotation. */
    Pod mirrored() {
        Pod file = fromManifestFile();
        ObjectNode copy = file.object.deepCopy();
        copy.withObject("/metadata").put("uid", UUID.randomUUID().toString());
        copy.withObject("/metadata/annotations").put("kubernetes.io/config.mirror", file.uid);
        return new Pod(copy, shape, file.uid);
    }

    String name() {
        return object.at("/metadata/name").asText();
    }

    String namespace() {
        return object.at("/metadata/namespace").asText();
    }

    /** {@code metadata.uid}: what a finding says. */
    String uid() {
        return object.at("/metadata/uid").asText();
    }

    /** The UID that stands in the cgroup path; another one than {@link #uid()} for a mirror pod. */
    String cgroupUid() {
        return uid;
    }

    ObjectNode object() {
        return object;
    }

    JsonNode spec() {
        return object.get("spec");
    }

    boolean flag(String field) {
        return spec().path(field).asBoolean(false);
    }

    /** Containers that run now: ordinary ones, init containers that stay (sidecars), ephemeral ones. */
    List<ObjectNode> running() {
        var containers = new ArrayList<ObjectNode>();
        for (JsonNode container : spec().path("initContainers")) {
            if (container.path("restartPolicy").asText().equals("Always")) {
                containers.add((ObjectNode) container);
            }
        }
        spec().path("containers").forEach(container -> containers.add((ObjectNode) container));
        spec().path("ephemeralContainers").forEach(container -> containers.add((ObjectNode) container));
        return containers;
    }

    /** Containers that have run and ended before the others started. */
    List<ObjectNode> completed() {
        var containers = new ArrayList<ObjectNode>();
        for (JsonNode container : spec().path("initContainers")) {
            if (!container.path("restartPolicy").asText().equals("Always")) {
                containers.add((ObjectNode) container);
            }
        }
        return containers;
    }

    String cgroupPath(String containerId) {
        return shape.path(qos(), uid, containerId);
    }

    /** {@code burstable}, {@code besteffort}, or nothing: as the kubelet names the middle cgroup. */
    String qos() {
        boolean any = false;
        boolean all = true;
        for (ObjectNode container : running()) {
            JsonNode resources = container.path("resources");
            any |= !resources.isEmpty();
            all &= !resources.isEmpty() && resources.path("limits").equals(resources.path("requests"));
        }
        return !any ? "besteffort" : all ? "" : "burstable";
    }

    /** A field of the container's security context, else of the pod's. */
    JsonNode securityContext(JsonNode container, String field) {
        JsonNode own = container.at("/securityContext").path(field);
        return own.isMissingNode() || own.isNull()
                ? spec().at("/securityContext").path(field)
                : own;
    }

    private void complete() {
        ObjectNode spec = (ObjectNode) object.get("spec");
        spec.put("restartPolicy", "Always").put("nodeName", "plumbline-it").put("enableServiceLinks", true);
        spec.put("serviceAccountName", "default").withObject("/securityContext");
        for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
            for (JsonNode container : spec.path(kind)) {
                completeContainer((ObjectNode) container, spec);
            }
        }
        if (spec.path("automountServiceAccountToken").asBoolean(true)) {
            addServiceAccountToken(spec.withArray("volumes"));
        }
    }

    private static void completeContainer(ObjectNode container, ObjectNode spec) {
        if (!container.has("image")) {
            container.put("image", Image.NAME);
        }
        container.put("imagePullPolicy", "IfNotPresent");
        container.put("terminationMessagePath", "/dev/termination-log");
        container.put("terminationMessagePolicy", "File");
        container.withObject("/resources");
        if (!container.has("command")) {
            container.putArray("command").add("/bin/sleep").add(Marker.next());
        }
        if (spec.path("automountServiceAccountToken").asBoolean(true)) {
            container
                    .withArray("volumeMounts")
                    .addObject()
                    .put("name", "kube-api-access-it000")
                    .put("readOnly", true)
                    .put("mountPath", "/var/run/secrets/kubernetes.io/serviceaccount");
        }
    }

    private static void addServiceAccountToken(ArrayNode volumes) {
        ArrayNode sources = volumes.addObject()
                .put("name", "kube-api-access-it000")
                .putObject("projected")
                .put("defaultMode", 420)
                .putArray("sources");
        sources.addObject()
                .putObject("serviceAccountToken")
                .put("expirationSeconds", 3607)
                .put("path", "token");
    }
}
