package io.plumbline.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Whether a started container is what the rig says it is, read from the kernel without the product. */
final class SelfCheck {
    private SelfCheck() {}

    static void assertAsDeclared(Running running, Running.Container container) {
        Pod pod = running.pod();
        Proc process = container.process();
        JsonNode config = container.config();
        JsonNode declared = pod.running().stream()
                .filter(each -> each.get("name").asText().equals(container.name()))
                .findFirst()
                .orElseThrow();
        JsonNode context = declared.path("securityContext");

        assertThat(process.lines("cgroup")).anyMatch(line -> line.endsWith(":" + container.cgroup()));
        assertThat(container.cgroup())
                .contains(container.id())
                .contains(pod.cgroupUid().replace('-', '_').substring(0, 8));
        assertThat(process.status("CapBnd")).isEqualTo(Capabilities.mask(Capabilities.of(context)));
        JsonNode user = pod.securityContext(declared, "runAsUser");
        if (user.isNumber()) {
            assertThat(process.ids("Uid")).containsOnly(user.asLong());
        }
        if (pod.securityContext(declared, "runAsNonRoot").asBoolean(false)) {
            assertThat(process.ids("Uid")).doesNotContain(0L);
        }
        pod.spec()
                .at("/securityContext/supplementalGroups")
                .forEach(group -> assertThat(process.groups()).contains(group.asLong()));
        assertThat(process.status("NoNewPrivs"))
                .isEqualTo(context.path("allowPrivilegeEscalation").asBoolean(true) ? "0" : "1");
        assertThat(process.status("Seccomp")).isEqualTo(config.at("/linux").has("seccomp") ? "2" : "0");
        assertThat(process.mountOptions("/"))
                .contains(context.path("readOnlyRootFilesystem").asBoolean(false) ? "ro" : "rw");
        assertNamespaces(pod, process, running.sandbox().process());
    }

    private static void assertNamespaces(Pod pod, Proc process, Proc sandbox) {
        var host = new Proc(ProcessHandle.current().pid());
        for (String shared : List.of("ipc", "uts", "net")) {
            assertThat(process.namespace(shared)).isEqualTo(sandbox.namespace(shared));
        }
        assertThat(process.namespace("ipc").equals(host.namespace("ipc"))).isEqualTo(pod.flag("hostIPC"));
        assertThat(process.namespace("net").equals(host.namespace("net"))).isEqualTo(pod.flag("hostNetwork"));
        assertThat(process.namespace("uts").equals(host.namespace("uts"))).isEqualTo(pod.flag("hostNetwork"));
        assertThat(process.namespace("pid").equals(host.namespace("pid"))).isEqualTo(pod.flag("hostPID"));
        assertThat(process.namespace("pid").equals(sandbox.namespace("pid")))
                .isEqualTo(pod.flag("hostPID") || pod.flag("shareProcessNamespace"));
        assertThat(process.namespace("mnt")).isNotEqualTo(host.namespace("mnt")).isNotEqualTo(sandbox.namespace("mnt"));
    }
}
