package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The fields that the API has where a pod says what it may do. A field of another name has no effect, so that {@code hostPid} or a {@code
 * securityContext} one level too high looks safe and is not what somebody meant.
 *
 * <p>As of Kubernetes 1.37 ({@code core/v1/types.go}); with the fields that earlier versions had. What decides nothing about a
 * container's rights (affinity, resources, a volume's details) is not looked into.
 */
final class KnownFields {

    /** Enough to see what is wrong. */
    private static final int MOST = 20;

    private static final Shape PROFILE = shape("type localhostProfile");
    private static final Shape SE_LINUX = shape("user role type level");
    private static final Shape WINDOWS = shape("gmsaCredentialSpecName gmsaCredentialSpec runAsUserName hostProcess");
    private static final Shape HTTP = shape("path port host scheme httpHeaders protocol");
    private static final Shape TCP = shape("port host");
    private static final Shape HANDLER =
            shape("exec sleep").with("httpGet", HTTP).with("tcpSocket", TCP);
    private static final Shape PROBE = shape(
                    "exec grpc initialDelaySeconds timeoutSeconds periodSeconds successThreshold"
                            + " failureThreshold terminationGracePeriodSeconds")
            .with("httpGet", HTTP)
            .with("tcpSocket", TCP);

    private static final Shape SECURITY = shape(
                    "privileged runAsUser runAsGroup runAsNonRoot readOnlyRootFilesystem allowPrivilegeEscalation procMount")
            .with("capabilities", shape("add drop"))
            .with("seLinuxOptions", SE_LINUX)
            .with("windowsOptions", WINDOWS)
            .with("seccompProfile", PROFILE)
            .with("appArmorProfile", PROFILE);

    private static final Shape POD_SECURITY = shape("runAsUser runAsGroup runAsNonRoot supplementalGroups"
                    + " supplementalGroupsPolicy fsGroup fsGroupChangePolicy seLinuxChangePolicy")
            .with("sysctls", shape("name value"))
            .with("seLinuxOptions", SE_LINUX)
            .with("windowsOptions", WINDOWS)
            .with("seccompProfile", PROFILE)
            .with("appArmorProfile", PROFILE);

    private static final Shape CONTAINER = shape("name image command args workingDir envFrom env resources resizePolicy"
                    + " restartPolicy restartPolicyRules terminationMessagePath terminationMessagePolicy imagePullPolicy"
                    + " stdin stdinOnce tty targetContainerName")
            .with("ports", shape("name hostPort containerPort protocol hostIP"))
            .with(
                    "volumeMounts",
                    shape(
                            "name readOnly recursiveReadOnly mountPath subPath mountPropagation subPathExpr bindMountOptions"))
            .with("volumeDevices", shape("name devicePath"))
            .with("livenessProbe", PROBE)
            .with("readinessProbe", PROBE)
            .with("startupProbe", PROBE)
            .with("lifecycle", shape("stopSignal").with("postStart", HANDLER).with("preStop", HANDLER))
            .with("securityContext", SECURITY);

    private static final Shape VOLUME =
            shape("name awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi"
                    + " downwardAPI emptyDir ephemeral fc flexVolume flocker gcePersistentDisk gitRepo glusterfs hostPath image iscsi"
                    + " nfs persistentVolumeClaim photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret storageos"
                    + " vsphereVolume");

    private static final Shape POD_SPEC = shape(
                    "restartPolicy terminationGracePeriodSeconds activeDeadlineSeconds dnsPolicy"
                            + " nodeSelector serviceAccountName serviceAccount automountServiceAccountToken nodeName hostNetwork"
                            + " hostPID hostIPC shareProcessNamespace imagePullSecrets hostname subdomain affinity schedulerName"
                            + " tolerations hostAliases priorityClassName priority dnsConfig readinessGates runtimeClassName"
                            + " enableServiceLinks preemptionPolicy overhead topologySpreadConstraints setHostnameAsFQDN hostUsers"
                            + " schedulingGates resourceClaims resources hostnameOverride workloadRef schedulingGroup"
                            + " evictionResponders")
            .with("os", shape("name"))
            .with("securityContext", POD_SECURITY)
            .with("volumes", VOLUME)
            .with("initContainers", CONTAINER)
            .with("containers", CONTAINER)
            .with("ephemeralContainers", CONTAINER);

    private static final Shape METADATA = shape("name generateName namespace selfLink uid resourceVersion generation"
            + " creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels annotations ownerReferences"
            + " finalizers managedFields clusterName initializers");

    private static final Shape POD =
            shape("apiVersion kind status").with("metadata", METADATA).with("spec", POD_SPEC);

    /** What stands around a pod template is not a pod's, and its own checks are not ours. */
    private KnownFields() {}

    /** The fields of an object; those that are looked into have a shape of their own. */
    private record Shape(Map<String, Optional<Shape>> fields) {
        Shape with(String field, Shape shape) {
            Map<String, Optional<Shape>> more = new HashMap<>(fields);
            more.put(field, Optional.of(shape));
            return new Shape(Map.copyOf(more));
        }
    }

    private static Shape shape(String fields) {
        Map<String, Optional<Shape>> all = new HashMap<>();
        for (String field : fields.split(" ", -1)) {
            all.put(field, Optional.empty());
        }
        return new Shape(Map.copyOf(all));
    }

    /**
     * A note for each field of a pod, or of a pod template, that the API does not have.
     *
     * @param path where the pod stands in its object, empty or ending in a dot
     */
    static List<String> unknownIn(Mapping pod, String path) {
        List<String> notes = new ArrayList<>();
        look(pod, POD, path, notes);
        return notes;
    }

    private static void look(ManifestValue value, Shape shape, String path, List<String> notes) {
        if (value instanceof Sequence sequence) {
            String list = path.substring(0, path.length() - 1);
            for (int i = 0; i < sequence.elements().size(); i++) {
                look(sequence.elements().get(i), shape, list + "[" + i + "].", notes);
            }
        } else if (value instanceof Mapping mapping) {
            for (Field field : mapping.fields()) {
                Optional<Shape> known = shape.fields().get(field.name());
                if (known == null) {
                    note(field, shape, path, notes);
                } else if (known.isPresent()) {
                    look(field.value(), known.get(), path + field.name() + ".", notes);
                }
            }
        }
    }

    private static void note(Field field, Shape shape, String path, List<String> notes) {
        if (notes.size() < MOST) {
            Optional<String> meant = shape.fields().keySet().stream()
                    .filter(known -> known.equalsIgnoreCase(field.name()))
                    .findFirst();
            notes.add("line " + field.line() + ": unknown field " + Excerpt.of(path + field.name()) + " has no effect"
                    + meant.map(known -> "; did you mean '" + known + "'?").orElse(""));
        } else if (notes.size() == MOST) {
            notes.add("and more unknown fields");
        }
    }
}
