package io.plumbline.model;

import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import java.util.List;
import java.util.Optional;

/**
 * A container of a pod: its spec, and what the kubelet's status says of the one that runs now.
 *
 * @param handlerHosts where its probes and lifecycle handlers name a host other than the pod
 * @param volumeDevices paths of block devices inside of the container
 * @param devices what it asks device plugins and drivers for: extended resources ({@code nvidia.com/gpu}) and the names of resource claims
 * @param terminationMessagePath where the termination log is mounted; the API's default where it is left out
 * @param status empty while the kubelet has none, as for a static pod that it has just read
 */
public record DeclaredContainer(
        String name,
        Kind kind,
        String image,
        ContainerSecurity security,
        List<VolumeMount> volumeMounts,
        List<String> volumeDevices,
        List<Port> ports,
        List<HandlerHost> handlerHosts,
        List<String> devices,
        String terminationMessagePath,
        Optional<Status> status) {

    public DeclaredContainer {
        volumeMounts = List.copyOf(volumeMounts);
        volumeDevices = List.copyOf(volumeDevices);
        ports = List.copyOf(ports);
        handlerHosts = List.copyOf(handlerHosts);
        devices = List.copyOf(devices);
    }

    /** The same container with another {@code securityContext}. */
    public DeclaredContainer withSecurity(ContainerSecurity other) {
        return new DeclaredContainer(
                name,
                kind,
                image,
                other,
                volumeMounts,
                volumeDevices,
                ports,
                handlerHosts,
                devices,
                terminationMessagePath,
                status);
    }

    /** Which list of the pod spec it stands in; a sidecar is an init container with {@code restartPolicy: Always}. */
    public enum Kind {
        INIT,
        SIDECAR,
        CONTAINER,
        EPHEMERAL
    }

    /**
     * The container's own {@code securityContext}.
     *
     * @param capabilities empty where there is no {@code capabilities} stanza
     * @param procMount as it is written; empty text is not the same as unset
     * @param windowsHostProcess {@code windowsOptions.hostProcess}
     */
    public record ContainerSecurity(
            Optional<Boolean> privileged,
            Optional<Capabilities> capabilities,
            Optional<Boolean> allowPrivilegeEscalation,
            Optional<Boolean> readOnlyRootFilesystem,
            Optional<String> procMount,
            Optional<Long> runAsUser,
            Optional<Long> runAsGroup,
            Optional<Boolean> runAsNonRoot,
            Optional<Profile> seccompProfile,
            Optional<Profile> appArmorProfile,
            Optional<SeLinuxOptions> seLinuxOptions,
            Optional<Boolean> windowsHostProcess) {}

    /** {@code capabilities.add} and {@code .drop} as they are written. */
    public record Capabilities(List<String> add, List<String> drop) {
        public Capabilities {
            add = List.copyOf(add);
            drop = List.copyOf(drop);
        }
    }

    /**
     * Where a volume is mounted.
     *
     * @param name the volume's name
     * @param mountPath inside of the container
     */
    public record VolumeMount(String name, String mountPath, boolean readOnly, Optional<String> subPath) {}

    /** A declared port; {@code hostPort} empty where it is unset or 0. */
    public record Port(int containerPort, Optional<Integer> hostPort, String protocol) {}

    /**
     * The host that a probe or a lifecycle handler asks.
     *
     * @param field where it stands in the container: {@code livenessProbe.httpGet.host}
     */
    public record HandlerHost(String field, String host) {}

    /**
     * {@code containerStatuses[]} and its siblings.
     *
     * @param containerId with the runtime's scheme, {@code containerd://<id>}; empty while there is none
     * @param state {@code running}, {@code waiting}, {@code terminated}, or empty text
     * @param user {@code user.linux}: the identity that the runtime attached to the first process (Kubernetes 1.31 and later)
     */
    public record Status(
            Optional<String> containerId,
            String state,
            Optional<String> reason,
            String image,
            String imageId,
            int restartCount,
            Optional<LinuxUser> user) {

        /** The id alone. */
        public Optional<String> id() {
            return containerId.map(text -> text.substring(text.indexOf("://") < 0 ? 0 : text.indexOf("://") + 3));
        }

        /** The runtime's scheme: {@code containerd}, {@code cri-o}, {@code docker}. */
        public Optional<String> runtime() {
            return containerId.filter(text -> text.contains("://")).map(text -> text.substring(0, text.indexOf("://")));
        }
    }

    /** uid, gid and supplementary groups, as ids inside of the container. */
    public record LinuxUser(long uid, long gid, List<Long> supplementalGroups) {
        public LinuxUser {
            supplementalGroups = List.copyOf(supplementalGroups);
        }
    }
}
