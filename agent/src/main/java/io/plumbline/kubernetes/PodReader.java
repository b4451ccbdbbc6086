package io.plumbline.kubernetes;

import io.plumbline.kubernetes.JsonCursor.UnexpectedValueException;
import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Kind;
import io.plumbline.model.DeclaredContainer.Status;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.DeclaredPod.PodSecurity;
import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import io.plumbline.model.DeclaredPod.Volume;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads one v1 Pod whose fields may come in any order. */
final class PodReader {

    private final JsonCursor json;
    private final ContainerReader container;
    private final StatusReader status;

    private final ObjectMeta meta;
    private Optional<String> nodeName = Optional.empty();
    private Optional<String> runtimeClassName = Optional.empty();
    private Optional<String> serviceAccountName = Optional.empty();
    private boolean hostNetwork;
    private boolean hostPid;
    private boolean hostIpc;
    private Optional<Boolean> hostUsers = Optional.empty();
    private boolean shareProcessNamespace;
    private Optional<Duration> terminationGracePeriod = Optional.empty();
    private Optional<String> os = Optional.empty();
    private SecurityFields security = new SecurityFields();
    private List<Volume> volumes = List.of();
    private List<ContainerReader.Spec> init = List.of();
    private List<ContainerReader.Spec> application = List.of();
    private List<ContainerReader.Spec> ephemeral = List.of();

    private Optional<String> phase = Optional.empty();
    private Map<String, Status> initStatuses = Map.of();
    private Map<String, Status> applicationStatuses = Map.of();
    private Map<String, Status> ephemeralStatuses = Map.of();

    PodReader(JsonCursor json) {
        this.json = json;
        this.container = new ContainerReader(json);
        this.status = new StatusReader(json);
        this.meta = new ObjectMeta(json);
    }

    /** A field of the Pod object itself; those that are not a pod's are left. */
    void field(String field) throws IOException {
        switch (field) {
            case "metadata" -> json.object(meta::field);
            case "spec" -> json.object(this::spec);
            case "status" -> json.object(this::status);
            default -> {}
        }
    }

    Optional<String> nodeName() {
        return nodeName;
    }

    /** The pod, once its text has been read to the end. */
    DeclaredPod pod() throws UnexpectedValueException {
        String name = meta.name().orElseThrow(() -> new UnexpectedValueException("a pod without metadata.name"));
        String namespace = meta.namespace()
                .orElseThrow(
                        () -> new UnexpectedValueException("pod " + Excerpt.of(name) + " without metadata.namespace"));
        String uid = meta.uid()
                .orElseThrow(() -> new UnexpectedValueException("pod " + Excerpt.of(namespace + "/" + name)
                        + " without metadata.uid: a manifest, not a running pod"));
        return pod(namespace, name, uid, meta.cgroupUids(uid), meta.workload(name, nodeName), containers(false));
    }

    /**
     * The pod that a manifest makes, which has neither UID nor status yet.
     *
     * @param isPod a pod itself: the API server fills in what it does not for a template
     */
    DeclaredPod manifest(String namespace, String name, boolean isPod) {
        return pod(namespace, name, "", List.of(), name, containers(isPod && hostNetwork));
    }

    private DeclaredPod pod(
            String namespace,
            String name,
            String uid,
            List<String> cgroupUids,
            String workload,
            List<DeclaredContainer> containers) {
        return new DeclaredPod(
                namespace,
                name,
                uid,
                cgroupUids,
                meta.labels(),
                meta.annotations(),
                phase.orElse(""),
                meta.terminating(),
                workload,
                runtimeClassName,
                serviceAccountName,
                hostNetwork,
                hostPid,
                hostIpc,
                hostUsers,
                shareProcessNamespace,
                terminationGracePeriod,
                os,
                security.value(),
                volumes,
                containers);
    }

    /** @param hostPorts every port is the host's too */
    private List<DeclaredContainer> containers(boolean hostPorts) {
        List<DeclaredContainer> containers = new ArrayList<>(init.size() + application.size() + ephemeral.size());
        for (ContainerReader.Spec spec : init) {
            Kind kind = spec.restartsAlways() ? Kind.SIDECAR : Kind.INIT;
            containers.add((hostPorts ? spec.onHostNetwork() : spec)
                    .with(kind, Optional.ofNullable(initStatuses.get(spec.name()))));
        }
        for (ContainerReader.Spec spec : application) {
            containers.add((hostPorts ? spec.onHostNetwork() : spec)
                    .with(Kind.CONTAINER, Optional.ofNullable(applicationStatuses.get(spec.name()))));
        }
        for (ContainerReader.Spec spec : ephemeral) {
            containers.add(spec.with(Kind.EPHEMERAL, Optional.ofNullable(ephemeralStatuses.get(spec.name()))));
        }
        return containers;
    }

    private void spec(String field) throws IOException {
        switch (field) {
            case "nodeName" -> nodeName = json.name();
            case "runtimeClassName" -> runtimeClassName = json.name();
            case "serviceAccountName" -> serviceAccountName = json.name();
            case "hostNetwork" -> hostNetwork = json.flag().orElse(false);
            case "hostPID" -> hostPid = json.flag().orElse(false);
            case "hostIPC" -> hostIpc = json.flag().orElse(false);
            case "hostUsers" -> hostUsers = json.flag();
            case "shareProcessNamespace" -> shareProcessNamespace = json.flag().orElse(false);
            case "terminationGracePeriodSeconds" ->
                terminationGracePeriod = json.integer().map(Duration::ofSeconds);
            case "os" -> {
                os = Optional.empty();
                json.object(detail -> {
                    if (detail.equals("name")) {
                        os = json.name();
                    }
                });
            }
            case "securityContext" -> {
                security = new SecurityFields();
                json.object(security::field);
            }
            case "volumes" -> {
                volumes = new ArrayList<>();
                json.array(() -> volumes.add(new VolumeFields().read()));
            }
            case "initContainers" -> init = container.specs();
            case "containers" -> application = container.specs();
            case "ephemeralContainers" -> ephemeral = container.specs();
            default -> {}
        }
    }

    private void status(String field) throws IOException {
        switch (field) {
            case "phase" -> phase = json.name();
            case "initContainerStatuses" -> initStatuses = status.statuses();
            case "containerStatuses" -> applicationStatuses = status.statuses();
            case "ephemeralContainerStatuses" -> ephemeralStatuses = status.statuses();
            default -> {}
        }
    }

    private final class SecurityFields {
        private Optional<Long> runAsUser = Optional.empty();
        private Optional<Long> runAsGroup = Optional.empty();
        private Optional<Boolean> runAsNonRoot = Optional.empty();
        private Optional<Long> fsGroup = Optional.empty();
        private List<Long> supplementalGroups = List.of();
        private Optional<String> supplementalGroupsPolicy = Optional.empty();
        private Optional<Profile> seccompProfile = Optional.empty();
        private Optional<Profile> appArmorProfile = Optional.empty();
        private Optional<SeLinuxOptions> seLinuxOptions = Optional.empty();
        private Map<String, String> sysctls = Map.of();
        private Optional<Boolean> windowsHostProcess = Optional.empty();

        void field(String field) throws IOException {
            switch (field) {
                case "runAsUser" -> runAsUser = json.integer();
                case "runAsGroup" -> runAsGroup = json.integer();
                case "runAsNonRoot" -> runAsNonRoot = json.flag();
                case "fsGroup" -> fsGroup = json.integer();
                case "supplementalGroups" -> supplementalGroups = json.integers();
                case "supplementalGroupsPolicy" -> supplementalGroupsPolicy = json.name();
                case "seccompProfile" -> seccompProfile = container.profile();
                case "appArmorProfile" -> appArmorProfile = container.profile();
                case "seLinuxOptions" -> seLinuxOptions = container.seLinuxOptions();
                case "windowsOptions" -> windowsHostProcess = container.windowsHostProcess();
                case "sysctls" -> {
                    sysctls = new HashMap<>();
                    json.array(this::sysctl);
                }
                default -> {}
            }
        }

        private void sysctl() throws IOException {
            String[] pair = {"", ""};
            json.object(field -> {
                switch (field) {
                    case "name" -> pair[0] = json.text().orElse("");
                    case "value" -> pair[1] = json.text().orElse("");
                    default -> {}
                }
            });
            sysctls.put(pair[0], pair[1]);
        }

        PodSecurity value() {
            return new PodSecurity(
                    runAsUser,
                    runAsGroup,
                    runAsNonRoot,
                    fsGroup,
                    supplementalGroups,
                    supplementalGroupsPolicy,
                    seccompProfile,
                    appArmorProfile,
                    seLinuxOptions,
                    sysctls,
                    windowsHostProcess);
        }
    }

    private final class VolumeFields {
        private String name = "";
        // What the API server fills in for a volume without a source.
        private String type = "emptyDir";
        private Optional<String> hostPath = Optional.empty();
        private Optional<String> medium = Optional.empty();
        private boolean token;
        private Optional<String> driver = Optional.empty();
        private boolean apiAccess;

        Volume read() throws IOException {
            json.object(this::field);
            return new Volume(name, type, hostPath, medium, token, driver, apiAccess && token);
        }

        private void field(String field) throws IOException {
            if (field.equals("name")) {
                name = json.name().orElse("");
                return;
            }
            if (json.isNull()) {
                return;
            }
            if (!type.equals("hostPath")) {
                type = field;
            }
            switch (field) {
                case "hostPath" ->
                    json.object(detail -> {
                        if (detail.equals("path")) {
                            hostPath = json.name();
                        }
                    });
                case "emptyDir" ->
                    json.object(detail -> {
                        if (detail.equals("medium")) {
                            medium = json.name();
                        }
                    });
                case "projected" -> {
                    apiAccess = true;
                    json.object(detail -> {
                        if (detail.equals("sources")) {
                            json.array(() -> json.object(this::source));
                        }
                    });
                }
                case "csi", "flexVolume" ->
                    json.object(detail -> {
                        if (detail.equals("driver")) {
                            driver = json.name();
                        }
                    });
                default -> {}
            }
        }

        /** As pkg/security/podsecuritypolicy/util told the API server's own volume from others. */
        private void source(String kind) throws IOException {
            if (json.isNull()) {
                return;
            }
            switch (kind) {
                case "serviceAccountToken" -> {
                    token = true;
                    json.object(this::tokenField);
                }
                case "configMap" -> json.object(detail -> require(detail, "name", "kube-root-ca.crt"));
                case "downwardAPI" ->
                    json.object(detail -> {
                        if (detail.equals("items")) {
                            json.array(() -> json.object(item -> require(item, "path", "namespace")));
                        }
                    });
                default -> apiAccess = false;
            }
        }

        private void tokenField(String field) throws IOException {
            require(field, "path", "token");
            if (field.equals("audience") && json.name().isPresent()) {
                apiAccess = false;
            }
        }

        private void require(String field, String wanted, String value) throws IOException {
            if (field.equals(wanted) && !json.text().orElse("").equals(value)) {
                apiAccess = false;
            }
        }
    }
}
