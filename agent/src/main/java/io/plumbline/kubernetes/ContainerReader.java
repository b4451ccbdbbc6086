package io.plumbline.kubernetes;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredContainer.Capabilities;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.DeclaredContainer.HandlerHost;
import io.plumbline.model.DeclaredContainer.Kind;
import io.plumbline.model.DeclaredContainer.Port;
import io.plumbline.model.DeclaredContainer.Status;
import io.plumbline.model.DeclaredContainer.VolumeMount;
import io.plumbline.model.DeclaredPod.Profile;
import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads {@code spec.containers[]} and its siblings. */
final class ContainerReader {

    private static final String TERMINATION_LOG = "/dev/termination-log";

    private final JsonCursor json;

    ContainerReader(JsonCursor json) {
        this.json = json;
    }

    /** A container of the spec, still without the status that stands further on in the text. */
    record Spec(
            String name,
            boolean restartsAlways,
            String image,
            ContainerSecurity security,
            List<VolumeMount> volumeMounts,
            List<String> volumeDevices,
            List<Port> ports,
            List<HandlerHost> handlerHosts,
            List<String> devices,
            String terminationMessagePath) {

        /** With hostNetwork each port is one of the host; the API server writes that down: pkg/apis/core/v1/defaults.go. */
        Spec onHostNetwork() {
            List<Port> filled = ports.stream()
                    .map(port -> port.hostPort().isPresent() || port.containerPort() == 0
                            ? port
                            : new Port(port.containerPort(), Optional.of(port.containerPort()), port.protocol()))
                    .toList();
            return new Spec(
                    name,
                    restartsAlways,
                    image,
                    security,
                    volumeMounts,
                    volumeDevices,
                    filled,
                    handlerHosts,
                    devices,
                    terminationMessagePath);
        }

        DeclaredContainer with(Kind kind, Optional<Status> status) {
            return new DeclaredContainer(
                    name,
                    kind,
                    image,
                    security,
                    volumeMounts,
                    volumeDevices,
                    ports,
                    handlerHosts,
                    devices,
                    terminationMessagePath,
                    status);
        }
    }

    List<Spec> specs() throws IOException {
        List<Spec> specs = new ArrayList<>();
        json.array(() -> specs.add(new SpecFields().read()));
        return specs;
    }

    /** A seccomp or AppArmor profile. */
    Optional<Profile> profile() throws IOException {
        if (json.isNull()) {
            return Optional.empty();
        }
        ProfileFields fields = new ProfileFields();
        json.object(fields::field);
        return Optional.of(new Profile(fields.type.orElse(""), fields.localhostProfile));
    }

    /** {@code windowsOptions.hostProcess}. */
    Optional<Boolean> windowsHostProcess() throws IOException {
        WindowsFields fields = new WindowsFields();
        json.object(fields::field);
        return fields.hostProcess;
    }

    Optional<SeLinuxOptions> seLinuxOptions() throws IOException {
        if (json.isNull()) {
            return Optional.empty();
        }
        SeLinuxFields fields = new SeLinuxFields();
        json.object(fields::field);
        return Optional.of(new SeLinuxOptions(fields.user, fields.role, fields.type, fields.level));
    }

    private final class SpecFields {
        private Optional<String> name = Optional.empty();
        private Optional<String> restartPolicy = Optional.empty();
        private Optional<String> image = Optional.empty();
        private SecurityFields security = new SecurityFields();
        private List<VolumeMount> volumeMounts = List.of();
        private List<String> volumeDevices = List.of();
        private List<Port> ports = List.of();
        private final HandlerReader handlers = new HandlerReader(json);
        // Of nearly every container there are none.
        private List<String> devices = List.of();
        private Optional<String> terminationMessagePath = Optional.empty();

        Spec read() throws IOException {
            json.object(this::field);
            return new Spec(
                    name.orElseThrow(() -> new JsonCursor.UnexpectedValueException("a container without a name")),
                    restartPolicy.filter("Always"::equals).isPresent(),
                    image.orElse(""),
                    security.value(),
                    volumeMounts,
                    volumeDevices,
                    ports,
                    handlers.hosts(),
                    devices,
                    terminationMessagePath.orElse(TERMINATION_LOG));
        }

        private void field(String field) throws IOException {
            switch (field) {
                case "name" -> name = json.name();
                case "restartPolicy" -> restartPolicy = json.name();
                case "image" -> image = json.name();
                case "securityContext" -> {
                    security = new SecurityFields();
                    json.object(security::field);
                }
                case "volumeMounts" -> {
                    volumeMounts = new ArrayList<>();
                    json.array(() -> volumeMounts.add(new MountFields().read()));
                }
                case "volumeDevices" -> {
                    volumeDevices = new ArrayList<>();
                    json.array(this::device);
                }
                case "ports" -> {
                    ports = new ArrayList<>();
                    json.array(() -> ports.add(new PortFields().read()));
                }
                case "resources" -> {
                    devices = List.of();
                    json.object(this::resources);
                }
                case "terminationMessagePath" -> terminationMessagePath = json.name();
                case "livenessProbe", "readinessProbe", "startupProbe" -> handlers.read(field);
                case "lifecycle" -> json.object(this::lifecycle);
                default -> {}
            }
        }

        /** Beside the two handlers there is stopSignal, a text. */
        private void lifecycle(String field) throws IOException {
            if (field.equals("postStart") || field.equals("preStop")) {
                handlers.read("lifecycle." + field);
            }
        }

        private void resources(String field) throws IOException {
            switch (field) {
                case "limits", "requests" -> json.object(this::resource);
                case "claims" ->
                    json.array(() -> json.object(detail -> {
                        if (detail.equals("name")) {
                            json.name().ifPresent(this::asksFor);
                        }
                    }));
                default -> {}
            }
        }

        /** Kubernetes' own have no domain, or its: pkg/apis/core/v1/helper/helpers.go. */
        private void resource(String name) {
            if (name.indexOf('/') >= 0 && !name.contains("kubernetes.io/")) {
                asksFor(name);
            }
        }

        private void asksFor(String name) {
            if (devices.isEmpty()) {
                devices = new ArrayList<>();
            }
            if (!devices.contains(name)) {
                devices.add(name);
            }
        }

        private void device() throws IOException {
            json.object(field -> {
                if (field.equals("devicePath")) {
                    json.name().ifPresent(volumeDevices::add);
                }
            });
        }
    }

    private final class SecurityFields {
        private Optional<Boolean> privileged = Optional.empty();
        private Optional<Capabilities> capabilities = Optional.empty();
        private Optional<Boolean> allowPrivilegeEscalation = Optional.empty();
        private Optional<Boolean> readOnlyRootFilesystem = Optional.empty();
        private Optional<String> procMount = Optional.empty();
        private Optional<Long> runAsUser = Optional.empty();
        private Optional<Long> runAsGroup = Optional.empty();
        private Optional<Boolean> runAsNonRoot = Optional.empty();
        private Optional<Profile> seccompProfile = Optional.empty();
        private Optional<Profile> appArmorProfile = Optional.empty();
        private Optional<SeLinuxOptions> seLinuxOptions = Optional.empty();
        private Optional<Boolean> windowsHostProcess = Optional.empty();

        void field(String field) throws IOException {
            switch (field) {
                case "privileged" -> privileged = json.flag();
                case "capabilities" -> capabilities = capabilities();
                case "allowPrivilegeEscalation" -> allowPrivilegeEscalation = json.flag();
                case "readOnlyRootFilesystem" -> readOnlyRootFilesystem = json.flag();
                case "procMount" -> procMount = json.text();
                case "runAsUser" -> runAsUser = json.integer();
                case "runAsGroup" -> runAsGroup = json.integer();
                case "runAsNonRoot" -> runAsNonRoot = json.flag();
                case "seccompProfile" -> seccompProfile = profile();
                case "appArmorProfile" -> appArmorProfile = profile();
                case "seLinuxOptions" -> seLinuxOptions = seLinuxOptions();
                case "windowsOptions" -> windowsHostProcess = windowsHostProcess();
                default -> {}
            }
        }

        private Optional<Capabilities> capabilities() throws IOException {
            if (json.isNull()) {
                return Optional.empty();
            }
            List<String> add = new ArrayList<>();
            List<String> drop = new ArrayList<>();
            json.object(field -> {
                switch (field) {
                    case "add" -> replace(add, json.texts());
                    case "drop" -> replace(drop, json.texts());
                    default -> {}
                }
            });
            return Optional.of(new Capabilities(add, drop));
        }

        private void replace(List<String> list, List<String> content) {
            list.clear();
            list.addAll(content);
        }

        ContainerSecurity value() {
            return new ContainerSecurity(
                    privileged,
                    capabilities,
                    allowPrivilegeEscalation,
                    readOnlyRootFilesystem,
                    procMount,
                    runAsUser,
                    runAsGroup,
                    runAsNonRoot,
                    seccompProfile,
                    appArmorProfile,
                    seLinuxOptions,
                    windowsHostProcess);
        }
    }

    private final class ProfileFields {
        private Optional<String> type = Optional.empty();
        private Optional<String> localhostProfile = Optional.empty();

        void field(String field) throws IOException {
            switch (field) {
                case "type" -> type = json.name();
                case "localhostProfile" -> localhostProfile = json.name();
                default -> {}
            }
        }
    }

    private final class WindowsFields {
        private Optional<Boolean> hostProcess = Optional.empty();

        void field(String field) throws IOException {
            if (field.equals("hostProcess")) {
                hostProcess = json.flag();
            }
        }
    }

    private final class SeLinuxFields {
        private Optional<String> user = Optional.empty();
        private Optional<String> role = Optional.empty();
        private Optional<String> type = Optional.empty();
        private Optional<String> level = Optional.empty();

        void field(String field) throws IOException {
            switch (field) {
                case "user" -> user = json.name();
                case "role" -> role = json.name();
                case "type" -> type = json.name();
                case "level" -> level = json.name();
                default -> {}
            }
        }
    }

    private final class MountFields {
        private Optional<String> name = Optional.empty();
        private Optional<String> mountPath = Optional.empty();
        private boolean readOnly;
        private Optional<String> subPath = Optional.empty();

        VolumeMount read() throws IOException {
            json.object(this::field);
            return new VolumeMount(name.orElse(""), mountPath.orElse(""), readOnly, subPath);
        }

        private void field(String field) throws IOException {
            switch (field) {
                case "name" -> name = json.name();
                case "mountPath" -> mountPath = json.name();
                case "readOnly" -> readOnly = json.flag().orElse(false);
                // The API allows one of the two; the expression is kept as it stands.
                case "subPath", "subPathExpr" -> subPath = json.name().or(() -> subPath);
                default -> {}
            }
        }
    }

    private final class PortFields {
        private long containerPort;
        private Optional<Integer> hostPort = Optional.empty();
        private Optional<String> protocol = Optional.empty();

        Port read() throws IOException {
            json.object(this::field);
            return new Port((int) containerPort, hostPort, protocol.orElse("TCP"));
        }

        private void field(String field) throws IOException {
            switch (field) {
                case "containerPort" -> containerPort = port();
                case "hostPort" -> hostPort = Optional.of((int) port()).filter(port -> port != 0);
                case "protocol" -> protocol = json.name();
                default -> {}
            }
        }

        private long port() throws IOException {
            long port = json.integer().orElse(0L);
            if (port < 0 || port > 65535) {
                throw json.unexpected("a port");
            }
            return port;
        }
    }
}
