package io.plumbline.checks.policy;

import io.plumbline.kubernetes.ManifestException;
import io.plumbline.kubernetes.PolicyFiles;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.PolicySet;
import io.plumbline.model.PolicyViolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** PodSecurityPolicies as their users have them, and specs of pods to try them on. */
final class FormerPolicies {
    /** Lets everything in but what a case takes away. */
    private static final String OPEN = """
            privileged: true
            hostNetwork: true
            hostPID: true
            hostIPC: true
            hostPorts: [{min: 0, max: 65535}]
            volumes: ['*']
            allowedCapabilities: ['*']
            seLinux: {rule: RunAsAny}
            runAsUser: {rule: RunAsAny}
            supplementalGroups: {rule: RunAsAny}
            fsGroup: {rule: RunAsAny}
            """;

    private FormerPolicies() {}

    /** A policy of this name in YAML: open but for these fields of its spec. */
    static String psp(String name, String spec) {
        StringBuilder merged = new StringBuilder();
        for (String line : OPEN.lines().toList()) {
            String field = line.substring(0, line.indexOf(':') + 1);
            if (spec.lines().noneMatch(own -> own.startsWith(field))) {
                merged.append("  ").append(line).append('\n');
            }
        }
        spec.lines().forEach(line -> merged.append("  ").append(line).append('\n'));
        return "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata:\n  name: " + name + "\nspec:\n" + merged;
    }

    /** Reads documents as an agent reads its files; they are written into this directory. */
    static OwnPolicies policies(Path directory, String... documents) throws IOException, ManifestException {
        List<Path> files = new ArrayList<>();
        for (String document : documents) {
            Path file = Files.createTempFile(directory, "policy", ".yaml");
            Files.writeString(file, document);
            files.add(file);
        }
        PolicySet set = PolicyFiles.read(files);
        return new OwnPolicies(new PodSecurityStandards(PolicyChecks.all()), set);
    }

    /** The pod {@code shop/web} with this spec, in YAML. */
    static DeclaredPod manifest(String spec) {
        return Cases.pod("metadata: {name: web, namespace: shop}\nspec:\n" + spec.indent(2));
    }

    /** What the nearest policy has against such a pod. */
    static List<PolicyViolation> violations(OwnPolicies policies, String spec) {
        return policies.judge(manifest(spec), Map.of()).stream()
                .flatMap(word -> word.violations().stream())
                .toList();
    }

    /** The spec of a pod with these fields of its security context, and of its one container's. */
    static String pod(String podSecurity, String security) {
        return "securityContext: {" + podSecurity + "}\ncontainers: [{name: a, securityContext: {" + security + "}}]";
    }

    static String container(String security) {
        return pod("", security);
    }

    static String volume(String volume) {
        return "volumes: [{name: v, " + volume + "}]\ncontainers: [{name: a}]";
    }
}
