package io.plumbline.model;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod as the kubelet runs it: the fields of its spec and status that lead to something in the kernel.
 *
 * <p>What the pod may leave out is an {@link Optional}: unset is not false.
 *
 * @param uid {@code metadata.uid}
 * @param cgroupUids the UIDs that may stand in its cgroup's name: its own, and {@code kubernetes.io/config.hash} of a static or mirror pod
 * @param annotations those that runtimes or the kubelet act on, as they stand
 * @param phase {@code status.phase}; empty text while the kubelet has not reported one
 * @param workload name of the controlling owner with a ReplicaSet's hash cut off, else the pod's own name
 * @param terminationGracePeriod {@code spec.terminationGracePeriodSeconds}
 * @param os {@code spec.os.name}: {@code linux} or {@code windows}
 * @param containers init, sidecar, application and ephemeral containers, in this order
 */
public record DeclaredPod(
        String namespace,
        String name,
        String uid,
        List<String> cgroupUids,
        Map<String, String> labels,
        Map<String, String> annotations,
        String phase,
        boolean terminating,
        String workload,
        Optional<String> runtimeClassName,
        Optional<String> serviceAccountName,
        boolean hostNetwork,
        boolean hostPid,
        boolean hostIpc,
        Optional<Boolean> hostUsers,
        boolean shareProcessNamespace,
        Optional<Duration> terminationGracePeriod,
        Optional<String> os,
        PodSecurity security,
        List<Volume> volumes,
        List<DeclaredContainer> containers) {

    public DeclaredPod {
        cgroupUids = List.copyOf(cgroupUids);
        labels = Map.copyOf(labels);
        annotations = Map.copyOf(annotations);
        volumes = List.copyOf(volumes);
        containers = List.copyOf(containers);
    }

    /** The kubelet has it from a manifest, not from the API server. */
    public boolean isStatic() {
        String source = annotations.getOrDefault("kubernetes.io/config.source", "api");
        return source.equals("file") || source.equals("http");
    }

    /** It ran, or was refused, and will not run again. */
    public boolean isOver() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    /**
     * The pod's {@code securityContext}.
     *
     * @param supplementalGroupsPolicy {@code Merge} or {@code Strict}
     * @param sysctls by name
     * @param windowsHostProcess {@code windowsOptions.hostProcess}
     */
    public record PodSecurity(
            Optional<Long> runAsUser,
            Optional<Long> runAsGroup,
            Optional<Boolean> runAsNonRoot,
            Optional<Long> fsGroup,
            List<Long> supplementalGroups,
            Optional<String> supplementalGroupsPolicy,
            Optional<Profile> seccompProfile,
            Optional<Profile> appArmorProfile,
            Optional<SeLinuxOptions> seLinuxOptions,
            Map<String, String> sysctls,
            Optional<Boolean> windowsHostProcess) {
        public PodSecurity {
            supplementalGroups = List.copyOf(supplementalGroups);
            sysctls = Map.copyOf(sysctls);
        }
    }

    /**
     * A seccomp or AppArmor profile: {@code RuntimeDefault}, {@code Unconfined}, or {@code Localhost} with its name.
     *
     * @param type empty text where the object stands without one, which the API refuses
     */
    public record Profile(String type, Optional<String> localhostProfile) {
        @Override
        public String toString() {
            return localhostProfile.map(name -> type + " " + name).orElse(type);
        }
    }

    /** {@code seLinuxOptions}; what is empty is the runtime's choice. */
    public record SeLinuxOptions(
            Optional<String> user, Optional<String> role, Optional<String> type, Optional<String> level) {}

    /**
     * A volume.
     *
     * @param type the field that is set, as the API spells it: {@code hostPath}, {@code emptyDir}, {@code secret}, {@code projected} ...;
     *     of several, which the API refuses, {@code hostPath} before the last one
     * @param hostPath {@code hostPath.path}
     * @param medium {@code emptyDir.medium}
     * @param token a {@code projected} volume with a {@code serviceAccountToken} source
     * @param driver {@code csi.driver} or {@code flexVolume.driver}
     * @param apiAccess a {@code projected} volume of nothing but what the service account admission puts into every pod: the token for the
     *     API server, its CA, the namespace's name
     */
    public record Volume(
            String name,
            String type,
            Optional<String> hostPath,
            Optional<String> medium,
            boolean token,
            Optional<String> driver,
            boolean apiAccess) {

        /** A volume without a driver. */
        public Volume(String name, String type, Optional<String> hostPath, Optional<String> medium, boolean token) {
            this(name, type, hostPath, medium, token, Optional.empty(), false);
        }
    }

    /** As if it had no other container: of the annotations that name a container, those that name another one are not there. */
    public DeclaredPod withOnly(DeclaredContainer one) {
        Map<String, String> ofOne = new LinkedHashMap<>(annotations);
        for (DeclaredContainer other : containers) {
            if (!other.name().equals(one.name())) {
                ofOne.keySet().removeIf(key -> key.startsWith("container.") && key.endsWith("/" + other.name()));
            }
        }
        return with(runtimeClassName, ofOne, security, List.of(one));
    }

    /** The same pod with these values in the place of its own. */
    public DeclaredPod with(
            Optional<String> otherRuntimeClass,
            Map<String, String> otherAnnotations,
            PodSecurity otherSecurity,
            List<DeclaredContainer> otherContainers) {
        return new DeclaredPod(
                namespace,
                name,
                uid,
                cgroupUids,
                labels,
                otherAnnotations,
                phase,
                terminating,
                workload,
                otherRuntimeClass,
                serviceAccountName,
                hostNetwork,
                hostPid,
                hostIpc,
                hostUsers,
                shareProcessNamespace,
                terminationGracePeriod,
                os,
                otherSecurity,
                volumes,
                otherContainers);
    }
}
