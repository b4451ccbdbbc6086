package io.plumbline.checks.policy;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class AppArmorProfileCheckTest {

    @TestFactory
    Stream<DynamicTest> profileOfTheRuntimeOrOfTheNodeStays() {
        return Cases.of(
                "app-armor-profile",
                "Use RuntimeDefault or Localhost (as an annotation runtime/default or localhost/...), or leave it out")
                .in("v1.0")
                .allows("unset", "spec: {containers: [{name: a}]}")
                .allows(
                        "RuntimeDefault and Localhost",
                        "spec: {securityContext: {appArmorProfile: {type: RuntimeDefault}}, containers: [{name: a, securityContext: {appArmorProfile: {type: Localhost, localhostProfile: x}}}]}")
                .allows(
                        "annotation runtime/default",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/a\": \"runtime/default\"}}\nspec: {containers: [{name: a}]}")
                .allows(
                        "annotation localhost",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/a\": \"localhost/x\"}}\nspec: {containers: [{name: a}]}")
                .allows(
                        "an empty annotation",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/a\": \"\"}}\nspec: {containers: [{name: a}]}")
                .allows(
                        "another annotation",
                        "metadata: {annotations: {\"example.org/a\": \"unconfined\"}}\nspec: {containers: [{name: a}]}")
                .forbids(
                        "Unconfined pod",
                        "spec: {securityContext: {appArmorProfile: {type: Unconfined}}, containers: [{name: a}]}",
                        "securityContext.appArmorProfile.type is \"Unconfined\" in the pod")
                .forbids(
                        "Unconfined container under a good pod",
                        "spec: {securityContext: {appArmorProfile: {type: RuntimeDefault}}, containers: [{name: a, securityContext: {appArmorProfile: {type: Unconfined}}}]}",
                        "securityContext.appArmorProfile.type is \"Unconfined\" in container \"a\"")
                .forbids(
                        "Unconfined pod above a good container",
                        "spec: {securityContext: {appArmorProfile: {type: Unconfined}}, containers: [{name: a, securityContext: {appArmorProfile: {type: RuntimeDefault}}}]}",
                        "securityContext.appArmorProfile.type is \"Unconfined\" in the pod")
                .forbids(
                        "a profile without a type",
                        "spec: {securityContext: {appArmorProfile: {}}, containers: [{name: a}]}",
                        "securityContext.appArmorProfile.type is \"\" in the pod")
                .forbids(
                        "annotation unconfined",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/a\": \"unconfined\"}}\nspec: {containers: [{name: a}]}",
                        "annotation container.apparmor.security.beta.kubernetes.io/a is \"unconfined\"")
                .forbids(
                        "an annotation for a container that is not there",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/nobody\": \"unconfined\"}}\nspec: {containers: [{name: a}]}",
                        "annotation container.apparmor.security.beta.kubernetes.io/nobody is \"unconfined\"")
                .forbids(
                        "an unknown value",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/a\": \"docker/default\"}}\nspec: {containers: [{name: a}]}",
                        "annotation container.apparmor.security.beta.kubernetes.io/a is \"docker/default\"")
                .forbids(
                        "field and annotation",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/b\": unconfined, \"container.apparmor.security.beta.kubernetes.io/a\": x}}\nspec: {containers: [{name: a, securityContext: {appArmorProfile: {type: Unconfined}}}]}",
                        "securityContext.appArmorProfile.type is \"Unconfined\" in container \"a\"; annotation container.apparmor.security.beta.kubernetes.io/a is \"x\"; annotation container.apparmor.security.beta.kubernetes.io/b is \"unconfined\"")
                .in("latest")
                .forbids(
                        "annotations still count",
                        "metadata: {annotations: {\"container.apparmor.security.beta.kubernetes.io/a\": \"unconfined\"}}\nspec: {containers: [{name: a}]}",
                        "annotation container.apparmor.security.beta.kubernetes.io/a is \"unconfined\"")
                .stream();
    }
}
