package io.plumbline.expectation;

import io.plumbline.model.AttributedContainer;
import io.plumbline.model.AttributedContainer.Declaration;
import io.plumbline.model.Capability;
import io.plumbline.model.CapabilitySet;
import io.plumbline.model.DeclaredContainer.ContainerSecurity;
import io.plumbline.model.OciBundle;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What the node's runtime gives a container whose spec says nothing.
 *
 * <p>That is its documented default. Administrators can configure it, so what the runtime was told for the containers of this node that
 * ask for nothing is learned where enough of them agree: masks of which the default does not know, and capabilities that some
 * runtime gives by default. Others are no default, however many containers hold them: they are granted beyond the specs.
 *
 * @param learnedCapabilities what the runtimes were told for most containers of this node that ask for nothing
 * @param masked paths that are masked in an unprivileged container
 * @param readOnly paths that are read-only in an unprivileged container
 */
public record RuntimeDefaults(Optional<CapabilitySet> learnedCapabilities, List<String> masked, List<String> readOnly) {

    /** From this many containers on, and if more than half agree, the node's own practice counts. */
    private static final int ENOUGH = 3;

    /** containerd {@code pkg/oci/spec.go} and moby {@code daemon/pkg/oci/caps/defaults.go}. */
    private static final CapabilitySet CONTAINERD = CapabilitySet.of(
            Capability.CHOWN,
            Capability.DAC_OVERRIDE,
            Capability.FSETID,
            Capability.FOWNER,
            Capability.MKNOD,
            Capability.NET_RAW,
            Capability.SETGID,
            Capability.SETUID,
            Capability.SETFCAP,
            Capability.SETPCAP,
            Capability.NET_BIND_SERVICE,
            Capability.SYS_CHROOT,
            Capability.KILL,
            Capability.AUDIT_WRITE);

    /** CRI-O {@code internal/config/capabilities/capabilities_linux.go}. */
    private static final CapabilitySet CRIO = CapabilitySet.of(
            Capability.CHOWN,
            Capability.DAC_OVERRIDE,
            Capability.FSETID,
            Capability.FOWNER,
            Capability.SETGID,
            Capability.SETUID,
            Capability.SETPCAP,
            Capability.NET_BIND_SERVICE,
            Capability.KILL);

    /** Masked by every kubelet since 1.12, see {@code pkg/securitycontext/util.go}; what is not on the node needs no mask. */
    private static final List<String> MASKED = List.of(
            "/proc/acpi",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/firmware");

    private static final List<String> READ_ONLY =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    /** Learns from the containers of one node. */
    public static RuntimeDefaults of(List<AttributedContainer> containers) {
        List<OciBundle> capabilities =
                silent(containers, security -> security.capabilities().isEmpty());
        List<OciBundle> masks = silent(
                containers,
                security -> security.procMount().filter("Unmasked"::equals).isEmpty());
        return new RuntimeDefaults(
                agreed(capabilities.stream().map(bundle -> bundle.capabilities().bounding())),
                union(
                        MASKED,
                        agreed(masks.stream()
                                        .map(bundle -> bundle.maskedPaths().stream()
                                                .sorted()
                                                .toList()))
                                .orElse(List.of())),
                union(
                        READ_ONLY,
                        agreed(masks.stream()
                                        .map(bundle -> bundle.readOnlyPaths().stream()
                                                .sorted()
                                                .toList()))
                                .orElse(List.of())));
    }

    private static List<OciBundle> silent(
            List<AttributedContainer> containers, Function<ContainerSecurity, Boolean> saysNothing) {
        return containers.stream()
                .filter(container -> container.declaration() instanceof Declaration.OfSpec spec
                        && !spec.container().security().privileged().orElse(false)
                        && saysNothing.apply(spec.container().security()))
                .flatMap(container -> container.granted().observed().stream())
                .toList();
    }

    private static <T> Optional<T> agreed(Stream<T> values) {
        Map<T, Integer> votes = new HashMap<>();
        values.forEach(value -> votes.merge(value, 1, Integer::sum));
        int all = votes.values().stream().mapToInt(Integer::intValue).sum();
        return votes.entrySet().stream()
                .filter(entry -> all >= ENOUGH && entry.getValue() * 2 > all)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** Capabilities of a container without a {@code capabilities} stanza. */
    CapabilitySet capabilities(String runtime) {
        CapabilitySet documented = runtime.equals("cri-o") ? CRIO : CONTAINERD;
        return documented.union(learnedCapabilities.orElse(CapabilitySet.NONE).intersection(CONTAINERD));
    }

    static List<String> union(List<String> one, List<String> other) {
        return Stream.concat(one.stream(), other.stream()).distinct().sorted().toList();
    }

    /** Name of the profile that the runtime puts a container under when none is asked for; empty where it is not known. */
    static Optional<String> appArmorProfile(String runtime) {
        return switch (runtime) {
            case "containerd" -> Optional.of("cri-containerd.apparmor.d");
            case "cri-o" -> Optional.of("crio-default");
            case "docker" -> Optional.of("docker-default");
            default -> Optional.empty();
        };
    }
}
