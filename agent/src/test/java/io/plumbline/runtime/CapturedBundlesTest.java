package io.plumbline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.CapturedNode;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import io.plumbline.model.OciBundle.BundleMount;
import io.plumbline.model.RuntimeInventory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that real runtimes wrote. */
class CapturedBundlesTest {

    private static final String TASKS = "/run/containerd/io.containerd.runtime.v2.task/k8s.io/";

    @TempDir
    private Path directory;

    @Test
    void readsEveryBundleOfTheCapturedNode() {
        RuntimeInventory inventory = new BundleInventory(CapturedNode.kubernetesBundles()).read();

        assertThat(inventory.unreadable()).isEmpty();
        assertThat(inventory.bundles()).hasSize(42).allSatisfy(bundle -> {
            assertThat(bundle.runtime()).isEqualTo("containerd");
            assertThat(bundle.runtimeNamespace()).isEqualTo("k8s.io");
            assertThat(bundle.source()).isEqualTo(TASKS + bundle.id() + "/config.json");
            assertThat(bundle.cgroupsPath().orElseThrow()).endsWith(bundle.id());
            assertThat(bundle.name()).isEmpty();
            assertThat(bundle.initPid()).as("not captured").isEmpty();
        });
        assertThat(inventory.searched())
                .contains("/run/containerd/io.containerd.runtime.v2.task", "/run/crun", "/run/user/*/runc");
    }

    @Test
    void tellsWhatEachContainerWasGranted() {
        OciBundle plain = container("worker-tree", "tree");
        CapabilitySet byDefault = plain.capabilities().bounding();
        assertThat(byDefault.toString()).isEqualTo("00000000a80425fb");
        assertThat(plain.capabilities().effective()).isEqualTo(byDefault);
        assertThat(plain.capabilities().permitted()).isEqualTo(byDefault);
        assertThat(plain.capabilities().inheritable()).isEqualTo(CapabilitySet.NONE);
        assertThat(plain.capabilities().ambient()).isEqualTo(CapabilitySet.NONE);
        assertThat(plain.readOnlyRoot()).isFalse();
        assertThat(plain.noNewPrivileges()).isFalse();
        assertThat(plain.seccomp()).isFalse();
        assertThat(plain.appArmorProfile()).isEmpty();
        assertThat(plain.uidMapped()).isFalse();
        assertThat(plain.maskedPaths()).hasSize(12).contains("/proc/kcore", "/sys/firmware");
        assertThat(plain.readOnlyPaths())
                .containsExactly("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");
        assertThat(plain.mounts())
                .contains(new BundleMount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));

        assertThat(container("pod-add-settime-capability", "main")
                        .capabilities()
                        .bounding()
                        .minus(byDefault))
                .isEqualTo(CapabilitySet.of(Capability.SYS_TIME));
        assertThat(byDefault.minus(container("pod-drop-chown-capability", "main")
                        .capabilities()
                        .bounding()))
                .isEqualTo(CapabilitySet.of(Capability.CHOWN));
        assertThat(container("drop-all-add-one", "web").capabilities().bounding())
                .isEqualTo(CapabilitySet.of(Capability.NET_BIND_SERVICE));
        assertThat(container("pod-as-user-guest", "main").user().uid()).isEqualTo(405);
        assertThat(container("pod-with-readonly-filesystem", "main").readOnlyRoot())
                .isTrue();
        OciBundle shared = container("pod-with-shared-volume-fsgroup", "second");
        assertThat(shared.user().uid()).isEqualTo(2222);
        assertThat(shared.user().additionalGids()).contains(555L, 666L, 777L);
        OciBundle hardened = container("hardened", "main");
        assertThat(hardened.noNewPrivileges()).isTrue();
        assertThat(hardened.capabilities().bounding()).isEqualTo(CapabilitySet.NONE);
        assertThat(hardened.user().uid()).isEqualTo(10001);
        OciBundle privileged = container("pod-privileged", "main");
        assertThat(privileged.maskedPaths()).isEmpty();
        assertThat(privileged.capabilities().bounding().contains(Capability.SYS_ADMIN))
                .isTrue();
    }

    @Test
    void tellsNewNamespacesFromJoinedOnes() {
        assertThat(container("worker-tree", "tree").namespaces())
                .containsEntry(NamespaceType.MNT, "")
                .containsEntry(NamespaceType.PID, "")
                .hasEntrySatisfying(NamespaceType.NET, path -> assertThat(path).matches("/proc/[0-9]+/ns/net"))
                .doesNotContainKeys(NamespaceType.USER, NamespaceType.CGROUP);
        // For hostPID containerd lets a container join the sandbox's namespace, which is the host's.
        assertThat(container("pod-with-host-pid-and-ipc", "main").namespaces())
                .hasEntrySatisfying(NamespaceType.PID, path -> assertThat(path).matches("/proc/[0-9]+/ns/pid"));
    }

    @Test
    void agreesWithTheKernelOnEveryCapturedContainerThatDidNotDrift() throws IOException {
        JsonNode cases = new ObjectMapper()
                .readTree(CapturedNode.file("manifest.json").toFile())
                .get("cases");
        List<String> compared = new ArrayList<>();
        SoftAssertions softly = new SoftAssertions();
        for (Map.Entry<String, JsonNode> each : cases.properties()) {
            Path config = CapturedNode.containers().resolve(each.getKey()).resolve("config.json");
            if (!Files.exists(config) || !each.getValue().get("drift").isEmpty()) {
                continue;
            }
            JsonNode observed = each.getValue().get("observed");
            OciBundle bundle = asTask(each.getKey(), config);
            softly.assertThat(bundle.capabilities().bounding().toString())
                    .as("%s: bounding set", each.getKey())
                    .isEqualTo(observed.at("/capabilityWords/CapBnd").asText());
            softly.assertThat(bundle.noNewPrivileges())
                    .as("%s: no_new_privs", each.getKey())
                    .isEqualTo(observed.get("noNewPrivs").asBoolean());
            softly.assertThat(bundle.seccomp())
                    .as("%s: seccomp", each.getKey())
                    .isEqualTo(observed.get("seccompMode").asInt() == 2);
            softly.assertThat(bundle.readOnlyRoot())
                    .as("%s: read-only root", each.getKey())
                    .isEqualTo(observed.get("rootReadOnly").asBoolean());
            if (!bundle.uidMapped()) {
                softly.assertThat(bundle.user().uid())
                        .as("%s: uid", each.getKey())
                        .isEqualTo(observed.get("uid").get(0).asLong());
            }
            compared.add(each.getKey());
        }
        softly.assertAll();
        assertThat(compared).hasSizeGreaterThan(30).contains("userns", "systemd-crun", "restricted", "privileged");
    }

    @Test
    void mappedUserNamespaceIsSeen() throws IOException {
        OciBundle bundle =
                asTask("userns", CapturedNode.containers().resolve("userns").resolve("config.json"));
        assertThat(bundle.uidMapped()).isTrue();
        assertThat(bundle.namespaces()).containsEntry(NamespaceType.USER, "");
    }

    private OciBundle asTask(String name, Path config) throws IOException {
        FakeHost host =
                new FakeHost(directory.resolve(name)).file(TASKS + name + "/config.json", Files.readString(config));
        RuntimeInventory inventory = new BundleInventory(host.root()).read();
        assertThat(inventory.unreadable()).isEmpty();
        assertThat(inventory.bundles()).hasSize(1);
        return inventory.bundles().get(0);
    }

    private static OciBundle container(String pod, String name) {
        Stream<OciBundle> bundles = new BundleInventory(CapturedNode.kubernetesBundles()).read().bundles().stream();
        return bundles.filter(bundle -> pod.equals(bundle.annotations().get("io.kubernetes.cri.sandbox-name"))
                        && name.equals(bundle.annotations().get("io.kubernetes.cri.container-name")))
                .findFirst()
                .orElseThrow();
    }
}
