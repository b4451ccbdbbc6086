package io.plumbline.checks.inert;

import static io.plumbline.checks.inert.InertPods.causes;
import static io.plumbline.checks.inert.InertPods.privileged;
import static io.plumbline.checks.inert.InertPods.process;
import static io.plumbline.checks.inert.InertPods.security;
import static org.assertj.core.api.Assertions.assertThat;

import io.plumbline.Nodes;
import io.plumbline.Pods;
import io.plumbline.model.Finding;
import io.plumbline.model.Reading;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** AppArmor profiles that have no effect: fields and annotations, on nodes with AppArmor and without. */
class InertAppArmorTest {

    private static final String ANNOTATED = """
            metadata:
              name: web
              annotations: {container.apparmor.security.beta.kubernetes.io/main: localhost/mine}
            spec:
              containers:
              - name: main
                securityContext: {%s}
            """;

    @Test
    void appArmorOfPrivilegedContainerDependsOnTheRuntime() {
        String runtimeDefault = security("privileged: true, appArmorProfile: {type: RuntimeDefault}");
        String localhost = security("privileged: true, appArmorProfile: {type: Localhost, localhostProfile: mine}");

        assertThat(causes(Nodes.node().pods(runtimeDefault).with(privileged()))).containsExactly("privileged-apparmor");
        assertThat(causes(Nodes.node()
                        .pods(localhost)
                        .profiles(Map.of("mine", "enforce"))
                        .with(privileged().label("mine (enforce)"))))
                .isEmpty();
        assertThat(causes(Nodes.node()
                        .pods(localhost.replace(
                                "spec:",
                                "status: {containerStatuses: [{name: main, containerID: 'cri-o://"
                                        + Pods.containerId("web", "main")
                                        + "', state: {running: {}}}]}\nspec:"))
                        .with(privileged())))
                .containsExactly("privileged-apparmor");
    }

    @Test
    void annotationIsInertWhereTheProfileIsNotTheOneThatRuns() {
        Nodes node = Nodes.node().pods(ANNOTATED.formatted(""));

        assertThat(causes(node.with(process().label("cri-containerd.apparmor.d (enforce)"))))
                .containsExactly("annotation-ignored");
        assertThat(causes(Nodes.node()
                        .pods(ANNOTATED.formatted(""))
                        .with(process().label("mine (enforce)"))))
                .isEmpty();
    }

    @Test
    void annotationThatContradictsTheFieldIsInert() {
        assertThat(causes(Nodes.node()
                        .pods(ANNOTATED.formatted("appArmorProfile: {type: RuntimeDefault}"))
                        .with(process())))
                .containsExactly("annotation-contradicts-field");
        assertThat(causes(Nodes.node()
                        .pods(ANNOTATED.formatted("appArmorProfile: {type: Localhost, localhostProfile: mine}"))
                        .with(process().label("mine (enforce)"))))
                .isEmpty();
    }

    /** The kubelet reads the container's field, then a static pod's annotation, then the pod's field. */
    @Test
    void podsFieldThatTheAnnotationOfStaticPodContradictsIsInert() {
        String pod = """
                metadata:
                  name: web
                  annotations:
                    kubernetes.io/config.source: file
                    container.apparmor.security.beta.kubernetes.io/main: localhost/mine
                spec:
                  securityContext: {appArmorProfile: {type: RuntimeDefault}}
                """;

        Finding finding =
                Nodes.node().pods(pod).with(process().label("mine (enforce)")).finding("inert-declaration");
        assertThat(finding.cause().word()).isEqualTo("annotation-contradicts-field");
        assertThat(finding.message()).contains("the annotation of a static pod stands over the pod's field");
        assertThat(causes(Nodes.node()
                        .pods(pod.replace("localhost/mine", "unconfined"))
                        .appArmor(Reading.of(false))
                        .with(process())))
                .containsExactly("annotation-contradicts-field");
    }

    @Test
    void annotatedProfileOfPrivilegedContainerIsAsInertAsTheField() {
        String pod = ANNOTATED.formatted("privileged: true").replace("localhost/mine", "runtime/default");

        assertThat(causes(Nodes.node().pods(pod).with(privileged()))).containsExactly("privileged-apparmor");
    }

    @Test
    void profileOnNodeWithoutAppArmorIsInert() {
        String pod = security("appArmorProfile: {type: RuntimeDefault}");

        assertThat(causes(Nodes.node().pods(pod).appArmor(Reading.of(false)).with(process())))
                .containsExactly("apparmor-off");
        assertThat(causes(Nodes.node()
                        .pods(pod)
                        .appArmor(new Reading.Unreadable<>("/sys/module/apparmor", "EACCES"))
                        .with(process())))
                .isEmpty();
        assertThat(causes(Nodes.node().pods(pod).with(process()))).isEmpty();
    }
}
