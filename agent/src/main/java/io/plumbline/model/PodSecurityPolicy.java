package io.plumbline.model;

import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A PodSecurityPolicy, {@code policy/v1beta1} or {@code extensions/v1beta1}: the API's last form before it was removed (Kubernetes
 * 1.25), with the annotations for AppArmor and seccomp. A rule that is left out lets everything in.
 *
 * @param volumes allowed types, {@code *} for all; empty allows none
 * @param hostPorts allowed ranges; empty allows none
 * @param allowedHostPaths empty allows all
 * @param allowedFlexVolumes drivers; empty allows all
 * @param allowedCsiDrivers drivers; empty allows all
 * @param defaultAllowPrivilegeEscalation what a container that does not say gets
 * @param allowPrivilegeEscalation true where left out
 * @param allowedProcMountTypes empty allows {@code Default} alone
 * @param runtimeClass empty allows all
 * @param annotations {@code apparmor.security.beta.kubernetes.io/*} and {@code seccomp.security.alpha.kubernetes.io/*}
 */
public record PodSecurityPolicy(
        String name,
        boolean privileged,
        List<String> defaultAddCapabilities,
        List<String> requiredDropCapabilities,
        List<String> allowedCapabilities,
        Set<String> volumes,
        boolean hostNetwork,
        List<Range> hostPorts,
        boolean hostPid,
        boolean hostIpc,
        Optional<SeLinuxOptions> seLinux,
        IdRule runAsUser,
        IdRule runAsGroup,
        IdRule supplementalGroups,
        IdRule fsGroup,
        boolean readOnlyRootFilesystem,
        Optional<Boolean> defaultAllowPrivilegeEscalation,
        boolean allowPrivilegeEscalation,
        List<AllowedHostPath> allowedHostPaths,
        List<String> allowedFlexVolumes,
        List<String> allowedCsiDrivers,
        List<String> allowedUnsafeSysctls,
        List<String> forbiddenSysctls,
        List<String> allowedProcMountTypes,
        Optional<RuntimeClasses> runtimeClass,
        Map<String, String> annotations) {

    public PodSecurityPolicy {
        defaultAddCapabilities = List.copyOf(defaultAddCapabilities);
        requiredDropCapabilities = List.copyOf(requiredDropCapabilities);
        allowedCapabilities = List.copyOf(allowedCapabilities);
        volumes = Set.copyOf(volumes);
        hostPorts = List.copyOf(hostPorts);
        allowedHostPaths = List.copyOf(allowedHostPaths);
        allowedFlexVolumes = List.copyOf(allowedFlexVolumes);
        allowedCsiDrivers = List.copyOf(allowedCsiDrivers);
        allowedUnsafeSysctls = List.copyOf(allowedUnsafeSysctls);
        forbiddenSysctls = List.copyOf(forbiddenSysctls);
        allowedProcMountTypes = List.copyOf(allowedProcMountTypes);
        annotations = Map.copyOf(annotations);
    }

    /** Ids or ports from the first to the last, both included. */
    public record Range(long min, long max) {
        public boolean contains(long value) {
            return value >= min && value <= max;
        }

        @Override
        public String toString() {
            return min == max ? Long.toString(min) : min + "-" + max;
        }
    }

    /** What may be said of a user or group. */
    public enum Rule {
        RUN_AS_ANY("RunAsAny"),
        /** One of the ranges, and it has to be said; the first one's minimum is the default. */
        MUST_RUN_AS("MustRunAs"),
        /** One of the ranges where it is said. */
        MAY_RUN_AS("MayRunAs"),
        /** Any user but 0, and it has to be said. */
        MUST_RUN_AS_NON_ROOT("MustRunAsNonRoot");

        private final String word;

        Rule(String word) {
            this.word = word;
        }

        /** As the API has it. */
        public String word() {
            return word;
        }
    }

    /** A rule with its ranges. */
    public record IdRule(Rule rule, List<Range> ranges) {

        /** Lets everything in. */
        public static final IdRule ANY = new IdRule(Rule.RUN_AS_ANY, List.of());

        public IdRule {
            ranges = List.copyOf(ranges);
        }

        /** In one of the ranges, or there is none to be in. */
        public boolean allows(long id) {
            return switch (rule) {
                case RUN_AS_ANY -> true;
                case MUST_RUN_AS_NON_ROOT -> id != 0;
                case MUST_RUN_AS, MAY_RUN_AS -> ranges.stream().anyMatch(range -> range.contains(id));
            };
        }
    }

    /** {@code allowedHostPaths[]}. */
    public record AllowedHostPath(String pathPrefix, boolean readOnly) {}

    /**
     * {@code runtimeClass}.
     *
     * @param allowed names, {@code *} for all
     */
    public record RuntimeClasses(List<String> allowed, Optional<String> defaultName) {
        public RuntimeClasses {
            allowed = List.copyOf(allowed);
        }
    }
}
