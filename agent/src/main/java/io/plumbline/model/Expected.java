package io.plumbline.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the kernel should show of a container: its declaration, the runtime's defaults and the node's facts put together.
 *
 * <p>An empty promise means that nothing was promised and anything conforms.
 */
public record Expected(
        Map<NamespaceType, Namespace> namespaces,
        Promise<CapabilitySet> capabilities,
        Promise<Long> user,
        Promise<Boolean> nonRoot,
        Promise<Groups> groups,
        Promise<Boolean> noNewPrivileges,
        Promise<Boolean> seccompFilter,
        Promise<AppArmor> appArmor,
        Promise<DeclaredPod.SeLinuxOptions> seLinux,
        Promise<Boolean> readOnlyRoot,
        Promise<Masks> masks) {

    public Expected {
        namespaces = Map.copyOf(namespaces);
    }

    /** The same with another promise not to run as root. */
    public Expected withNonRoot(Promise<Boolean> other) {
        return new Expected(
                namespaces,
                capabilities,
                user,
                other,
                groups,
                noNewPrivileges,
                seccompFilter,
                appArmor,
                seLinux,
                readOnlyRoot,
                masks);
    }

    /**
     * What is promised of one attribute.
     *
     * @param declared what the spec says, in its own words
     * @param value what follows from it; empty: nothing is promised
     */
    public record Promise<T>(String declared, Optional<T> value) {
        public static <T> Promise<T> of(String declared, T value) {
            return new Promise<>(declared, Optional.of(value));
        }

        public static <T> Promise<T> none(String declared) {
            return new Promise<>(declared, Optional.empty());
        }
    }

    /** Which namespace of a kind a container should be in, and the words of the spec that say so. */
    public record Namespace(String declared, Scope scope) {

        /** Whose namespace. */
        public enum Scope {
            HOST,
            POD,
            CONTAINER,
            /** No promise: the host's is as good as another. */
            ANY
        }
    }

    /**
     * Groups to hold.
     *
     * @param primary gid that the first process must have
     * @param declared groups that must be held
     * @param allowed declared groups and those that the runtime was told
     * @param strict nothing beyond {@code allowed} may be held; else it may come from the image
     */
    public record Groups(Optional<Long> primary, Set<Long> declared, Set<Long> allowed, boolean strict) {
        public Groups {
            declared = Set.copyOf(declared);
            allowed = Set.copyOf(allowed);
        }
    }

    /**
     * Profiles to be under.
     *
     * @param profiles any of them will do; empty: unconfined was asked for
     * @param explicit the spec names it; else it is the runtime's default
     * @param annotationOnly only the annotation of old names it
     */
    public record AppArmor(Set<String> profiles, boolean explicit, boolean annotationOnly) {
        public AppArmor {
            profiles = Set.copyOf(profiles);
        }
    }

    /** Paths that must be covered, and paths that must be read-only. */
    public record Masks(List<String> masked, List<String> readOnly) {
        public Masks {
            masked = List.copyOf(masked);
            readOnly = List.copyOf(readOnly);
        }
    }
}
