package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.fabric8.kubernetes.api.model.AppArmorProfile;
import io.fabric8.kubernetes.api.model.Capabilities;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EphemeralContainer;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.Lifecycle;
import io.fabric8.kubernetes.api.model.LifecycleHandler;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodOS;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.SELinuxOptions;
import io.fabric8.kubernetes.api.model.SeccompProfile;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Sysctl;
import io.fabric8.kubernetes.api.model.TCPSocketAction;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.WindowsSecurityContextOptions;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class KnownFieldsTest {

    /** The typed objects of the Kubernetes client are generated from the API, so they know what fields there are. */
    @TestFactory
    Stream<DynamicTest> everyFieldOfTheApiIsKnown() {
        return Stream.of(
                all(Pod.class, "{%s}"),
                all(PodTemplateSpec.class, "{%s}"),
                all(ObjectMeta.class, "{metadata: {%s}}"),
                all(PodSpec.class, "{spec: {%s}}"),
                all(PodOS.class, "{spec: {os: {%s}}}"),
                all(PodSecurityContext.class, "{spec: {securityContext: {%s}}}"),
                all(Sysctl.class, "{spec: {securityContext: {sysctls: [{%s}]}}}"),
                all(Volume.class, "{spec: {volumes: [{%s}]}}"),
                all(Container.class, "{spec: {containers: [{%s}]}}"),
                all(Container.class, "{spec: {initContainers: [{%s}]}}"),
                all(EphemeralContainer.class, "{spec: {ephemeralContainers: [{%s}]}}"),
                all(ContainerPort.class, "{spec: {containers: [{ports: [{%s}]}]}}"),
                all(VolumeMount.class, "{spec: {containers: [{volumeMounts: [{%s}]}]}}"),
                all(VolumeDevice.class, "{spec: {containers: [{volumeDevices: [{%s}]}]}}"),
                all(Probe.class, "{spec: {containers: [{livenessProbe: {%s}}]}}"),
                all(Probe.class, "{spec: {containers: [{readinessProbe: {%s}}]}}"),
                all(Probe.class, "{spec: {containers: [{startupProbe: {%s}}]}}"),
                all(HTTPGetAction.class, "{spec: {containers: [{livenessProbe: {httpGet: {%s}}}]}}"),
                all(TCPSocketAction.class, "{spec: {containers: [{livenessProbe: {tcpSocket: {%s}}}]}}"),
                all(Lifecycle.class, "{spec: {containers: [{lifecycle: {%s}}]}}"),
                all(LifecycleHandler.class, "{spec: {containers: [{lifecycle: {preStop: {%s}}}]}}"),
                all(SecurityContext.class, "{spec: {containers: [{securityContext: {%s}}]}}"),
                all(Capabilities.class, "{spec: {containers: [{securityContext: {capabilities: {%s}}}]}}"),
                all(SELinuxOptions.class, "{spec: {securityContext: {seLinuxOptions: {%s}}}}"),
                all(WindowsSecurityContextOptions.class, "{spec: {securityContext: {windowsOptions: {%s}}}}"),
                all(SeccompProfile.class, "{spec: {securityContext: {seccompProfile: {%s}}}}"),
                all(AppArmorProfile.class, "{spec: {securityContext: {appArmorProfile: {%s}}}}"));
    }

    @Test
    void unknownFieldIsNamedWithItsPathAndWhatMayBeMeant() throws Exception {
        assertThat(notes("""
                        {spec: {
                          hostPid: true,
                          securityContext: {privileged: true},
                          containers: [{name: a}, {name: b, privileged: true, securityContext: {capabilities: {ADD: [x]}}}]
                        }, securityContext: {}}
                        """))
                .containsExactly(
                        "line 2: unknown field 'spec.hostPid' has no effect; did you mean 'hostPID'?",
                        "line 3: unknown field 'spec.securityContext.privileged' has no effect",
                        "line 4: unknown field 'spec.containers[1].privileged' has no effect",
                        "line 4: unknown field 'spec.containers[1].securityContext.capabilities.ADD' has no effect; did"
                                + " you mean 'add'?",
                        "line 5: unknown field 'securityContext' has no effect");
    }

    @Test
    void whatDecidesNothingIsNotLookedInto() throws Exception {
        assertThat(notes("{metadata: {labels: {x: y}}, spec: {affinity: {x: y}, volumes: [{emptyDir: {x: y}}],"
                        + " containers: [{env: [{x: y}], resources: {x: y}, livenessProbe: {exec: {x: y}}}]}}"))
                .isEmpty();
    }

    @Test
    void valueOfAnotherTypeHasNoFields() throws Exception {
        assertThat(notes("{spec: {containers: 1, securityContext: [2]}, metadata: x}"))
                .isEmpty();
    }

    @Test
    void notesHaveAnEnd() throws Exception {
        StringBuilder fields = new StringBuilder("{spec: {");
        for (int i = 0; i < 1000; i++) {
            fields.append("x").append(i).append(": 1, ");
        }
        List<String> notes = notes(fields.append("}}").toString());
        assertThat(notes).hasSize(21).last().isEqualTo("and more unknown fields");
    }

    private static DynamicTest all(Class<?> type, String manifest) {
        return DynamicTest.dynamicTest(type.getSimpleName() + " in " + manifest, () -> {
            List<String> fields = Stream.of(type.getDeclaredFields())
                    .map(field -> field.getAnnotation(JsonProperty.class))
                    .filter(Objects::nonNull)
                    .map(JsonProperty::value)
                    .toList();
            assertThat(fields).isNotEmpty();
            String text = fields.stream().map(field -> field + ": null").collect(Collectors.joining(", "));
            assertThat(notes(String.format(manifest, text))).isEmpty();
        });
    }

    private static List<String> notes(String pod) throws ManifestException {
        return KnownFields.unknownIn((Mapping) new YamlDocuments(pod).next().orElseThrow(), "");
    }
}
