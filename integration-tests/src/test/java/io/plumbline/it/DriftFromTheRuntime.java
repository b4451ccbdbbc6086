package io.plumbline.it;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Containers that were started with something else than their specs lead to, as an NRI plugin or a hook could do it. */
final class DriftFromTheRuntime {
    private static final String GRANTED = """
            metadata: {name: granted, namespace: shop}
            spec:
              containers:
              - {name: capabilities}
              - {name: user, securityContext: {runAsUser: 1000}}
              - {name: groups, securityContext: {runAsUser: 1000}}
              - {name: image-group, securityContext: {runAsUser: 1000}}
              - {name: readonly, securityContext: {readOnlyRootFilesystem: true}}
              - {name: promised, securityContext: {allowPrivilegeEscalation: false}}
              - {name: filtered, securityContext: {seccompProfile: {type: RuntimeDefault}}}
              - {name: unmasked}
              - {name: mounted}
              securityContext: {supplementalGroups: [666]}
            """;

    private DriftFromTheRuntime() {}

    /** Starts them, and says what must be found. */
    static List<Expected> start(Node node) {
        Running granted = node.run(Pod.of(GRANTED), DriftFromTheRuntime::tamper);
        var expected = new ArrayList<>(List.of(
                granted(granted, "capabilities", "capabilities", "high")
                        .shownBy("/status", "CapBnd:\t00000000aa0425fb"),
                granted(granted, "user", "user", "medium").shownBy("/status", "Uid:\t2000\t2000\t2000\t2000"),
                granted(granted, "groups", "groups", "medium").shownBy("/status", "Groups:\t0"),
                expected(granted, "image-group", "groups", "info").shownBy("/status", "Groups:\t44 666 1000"),
                granted(granted, "readonly", "root-filesystem", "high").shownBy("/mountinfo", " / / rw,"),
                granted(granted, "promised", "no-new-privileges", "high").shownBy("/status", "NoNewPrivs:\t0"),
                granted(granted, "filtered", "seccomp", "high").shownBy("/status", "Seccomp:\t0"),
                granted(granted, "unmasked", "proc-mask", "high"),
                granted(granted, "mounted", "undeclared-mount", "high").shownBy("/mountinfo", " /etc /host-etc ")));
        Running namespaces = node.run(
                Pod.withContainer("granted-namespaces", "{}").in(CgroupShape.SYSTEMD),
                config -> leaveOut(config, Set.of("pid", "ipc")));
        expected.add(granted(namespaces, "main", "host-pid", "high"));
        expected.add(granted(namespaces, "main", "host-ipc", "high"));
        Running secrets = node.runWithVolumesOnDisk(Pod.of("""
                        metadata: {name: secrets, namespace: shop}
                        spec:
                          volumes: [{name: password, secret: {secretName: password}}]
                          containers: [{name: main, volumeMounts: [{name: password, mountPath: /etc/password}]}]
                        """), Set.of("password"));
        expected.add(expected(secrets, "main", "secret-volume", "medium").shownBy("/mountinfo", " /etc/password "));
        return expected;
    }

    private static Expected granted(Running running, String container, String check, String severity) {
        return expected(running, container, check, severity).grantedByRuntime();
    }

    private static Expected expected(Running running, String container, String check, String severity) {
        return Expected.of(running, running.container(container), check, severity)
                .by(running.container(container).pid());
    }

    private static void tamper(ObjectNode config) {
        ObjectNode linux = config.withObject("/linux");
        ObjectNode process = config.withObject("/process");
        switch (config.at("/annotations/io.kubernetes.cri.container-name").asText()) {
            case "capabilities" ->
                process.withObject("/capabilities").forEach(set -> ((ArrayNode) set).add("CAP_SYS_TIME"));
            case "user" -> process.withObject("/user").put("uid", 2000);
            case "groups" ->
                process.withObject("/user").putArray("additionalGids").add(0);
            case "image-group" ->
                process.withObject("/user").withArray("additionalGids").add(44);
            case "readonly" -> config.withObject("/root").put("readonly", false);
            case "promised" -> process.put("noNewPrivileges", false);
            case "filtered" -> linux.remove("seccomp");
            case "unmasked" -> linux.putArray("maskedPaths");
            case "mounted" -> CriConfig.mount(config, new Volumes.Mount(Path.of("/etc"), "/host-etc", true));
            default -> throw new IllegalArgumentException(config.toPrettyString());
        }
    }

    static void withoutUserNamespace(ObjectNode config) {
        leaveOut(config, Set.of("user"));
        config.withObject("/linux").remove(List.of("uidMappings", "gidMappings"));
    }

    private static void leaveOut(ObjectNode config, Set<String> types) {
        ArrayNode namespaces = config.withObject("/linux").withArray("namespaces");
        for (int i = namespaces.size() - 1; i >= 0; i--) {
            if (types.contains(namespaces.get(i).get("type").asText())) {
                namespaces.remove(i);
            }
        }
    }
}
