package io.plumbline.checks.policy;

import io.plumbline.checks.CheckDescription;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.FindingKind;
import io.plumbline.model.PolicyViolation;
import java.util.List;
import java.util.Optional;

/** What the Pod Security Standards lack: checks of PodSecurityPolicy alone, and some that a PodPolicy can ask for. */
public final class BeyondStandards {

    /** What {@code plumbline-default} asks for beside the standards. */
    public static final String READ_ONLY_ROOT = "read-only-root-filesystem";

    static final String IMAGES = "allowed-images";
    static final String TOKEN = "service-account-token";
    static final String DEFAULT_NAMESPACE = "default-namespace";

    private static final List<CheckDescription> DESCRIPTIONS = List.of(
            description(
                    READ_ONLY_ROOT,
                    "low",
                    "Root file system may be written",
                    "Every container has a read-only root file system.",
                    "securityContext.readOnlyRootFilesystem of every container; on the node the mount at / of its processes, field 6 of"
                            + " /proc/<pid>/mountinfo",
                    "Set readOnlyRootFilesystem to true and mount an emptyDir where the container has to write."),
            description(
                    "run-as-group",
                    "medium",
                    "Group outside of the policy's ranges",
                    "A container runs as a group that the policy's runAsGroup allows.",
                    "securityContext.runAsGroup of pod and container; on the node Gid of /proc/<pid>/status",
                    "Use a group of the policy's ranges."),
            description(
                    "fs-group",
                    "medium",
                    "fsGroup outside of the policy's ranges",
                    "A pod's fsGroup is one that the policy's fsGroup allows.",
                    "securityContext.fsGroup of the pod",
                    "Use a group of the policy's ranges."),
            description(
                    "supplemental-groups",
                    "medium",
                    "Supplementary group outside of the policy's ranges",
                    "A pod's supplementalGroups are ones that the policy allows.",
                    "securityContext.supplementalGroups of the pod; on the node Groups of /proc/<pid>/status, which has the image's groups"
                            + " too",
                    "Use groups of the policy's ranges; supplementalGroupsPolicy: Strict keeps the image's groups out."),
            description(
                    "allowed-host-paths",
                    "medium",
                    "Host path that the policy does not allow",
                    "hostPath volumes lie below the policy's allowedHostPaths, and are mounted read-only where it says so.",
                    "spec.volumes[*].hostPath and the containers' volumeMounts",
                    "Use a path of the policy's, mounted as it says, or another type of volume."),
            description(
                    "allowed-volumes",
                    "medium",
                    "Volume of a type that the policy does not allow",
                    "Volumes are of the types, and of the drivers, that the policy allows.",
                    "spec.volumes[*]",
                    "Use a volume of a type that the policy allows."),
            description(
                    "allowed-runtime-classes",
                    "medium",
                    "Runtime class that the policy does not allow",
                    "A pod's runtimeClassName is one that the policy allows.",
                    "spec.runtimeClassName",
                    "Use a runtime class of the policy's."),
            description(
                    IMAGES,
                    "medium",
                    "Image that the policy does not allow",
                    "Images match one of the policy's allowedImages.",
                    "image of every container",
                    "Take the image from where the policy says."),
            description(
                    TOKEN,
                    "low",
                    "Token of the default service account is mounted",
                    "No container can speak to the API server in the name of its namespace's default service account.",
                    "spec.serviceAccountName and the projected volumes with a serviceAccountToken that the API server adds to a pod",
                    "Give the pod a service account of its own, or set automountServiceAccountToken to false."),
            description(
                    DEFAULT_NAMESPACE,
                    "low",
                    "Pod in the default namespace",
                    "No pod runs in the namespace default.",
                    "metadata.namespace",
                    "Give the workload a namespace of its own."));

    private BeyondStandards() {}

    private static CheckDescription description(
            String id, String severity, String title, String promise, String reads, String remedy) {
        return new CheckDescription(
                id, FindingKind.POLICY, severity, title, promise, "The declaration: " + reads, remedy);
    }

    public static List<CheckDescription> descriptions() {
        return DESCRIPTIONS;
    }

    /** Those that a PodPolicy may name. */
    static final List<String> NAMEABLE = List.of(READ_ONLY_ROOT, IMAGES, TOKEN, DEFAULT_NAMESPACE);

    /**
     * What one of the checks that a PodPolicy can name has against a pod.
     *
     * @param images for {@code allowed-images}
     */
    static Optional<PolicyViolation> judge(String check, DeclaredPod pod, List<String> images) {
        Offences offences = new Offences();
        String wayOut = switch (check) {
            case READ_ONLY_ROOT -> {
                for (DeclaredContainer container : pod.containers()) {
                    Optional<Boolean> readOnly = container.security().readOnlyRootFilesystem();
                    if (!readOnly.orElse(false)) {
                        offences.in(
                                container,
                                "securityContext.readOnlyRootFilesystem is "
                                        + (readOnly.isPresent() ? "false" : "not set"));
                    }
                }
                yield "Set it to true";
            }
            case IMAGES -> {
                for (DeclaredContainer container : pod.containers()) {
                    if (images.stream().noneMatch(pattern -> matches(pattern, container.image()))) {
                        offences.in(container, "image is " + Offences.quoted(container.image()));
                    }
                }
                yield "Use one of " + Offences.quoted(images);
            }
            case TOKEN -> {
                boolean usual = pod.serviceAccountName().orElse("default").equals("default");
                if (usual && pod.volumes().stream().anyMatch(volume -> volume.token())) {
                    offences.inPod("a token of the service account default is mounted");
                }
                yield "Use a service account of its own, or set automountServiceAccountToken to false";
            }
            default -> {
                if (pod.namespace().equals("default")) {
                    offences.inPod("the namespace is default");
                }
                yield "Use a namespace of its own";
            }
        };
        return offences.message(wayOut).map(message -> new PolicyViolation(check, message));
    }

    private static boolean matches(String pattern, String image) {
        return pattern.endsWith("*")
                ? image.startsWith(pattern.substring(0, pattern.length() - 1))
                : image.equals(pattern);
    }
}
