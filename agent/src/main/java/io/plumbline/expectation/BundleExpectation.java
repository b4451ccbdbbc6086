package io.plumbline.expectation;

import io.plumbline.model.Expected;
import io.plumbline.model.Expected.AppArmor;
import io.plumbline.model.Expected.Groups;
import io.plumbline.model.Expected.Masks;
import io.plumbline.model.Expected.Namespace;
import io.plumbline.model.Expected.Namespace.Scope;
import io.plumbline.model.Expected.Promise;
import io.plumbline.model.NamespaceType;
import io.plumbline.model.OciBundle;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What follows from an OCI bundle, where it is the only declaration there is. */
final class BundleExpectation {

    private BundleExpectation() {}

    static Expected of(OciBundle bundle, Optional<OciBundle> sandbox) {
        Set<Long> groups = new HashSet<>(bundle.user().additionalGids());
        Set<Long> allowed = new HashSet<>(groups);
        allowed.add(bundle.user().gid());
        Optional<String> profile =
                bundle.appArmorProfile().filter(name -> !name.isEmpty() && !name.equals("unconfined"));
        return new Expected(
                namespaces(bundle, sandbox),
                Promise.of(
                        "process.capabilities.bounding", bundle.capabilities().bounding()),
                Promise.of(
                        "process.user.uid: " + bundle.user().uid(),
                        bundle.user().uid()),
                Promise.none("an OCI bundle does not promise it"),
                Promise.of(
                        "process.user.additionalGids: "
                                + List.copyOf(bundle.user().additionalGids()),
                        new Groups(Optional.of(bundle.user().gid()), groups, allowed, false)),
                bundle.noNewPrivileges()
                        ? Promise.of("process.noNewPrivileges: true", true)
                        : Promise.none("process.noNewPrivileges: false"),
                bundle.seccomp() ? Promise.of("linux.seccomp", true) : Promise.none("no linux.seccomp"),
                profile.map(name ->
                                Promise.of("process.apparmorProfile: " + name, new AppArmor(Set.of(name), true, false)))
                        .orElseGet(() -> Promise.none("no process.apparmorProfile")),
                Promise.none("process.selinuxLabel is not compared"),
                bundle.readOnlyRoot() ? Promise.of("root.readonly: true", true) : Promise.none("root.readonly: false"),
                Promise.of(
                        "linux.maskedPaths, linux.readonlyPaths, mounts",
                        new Masks(bundle.maskedPaths(), bundle.readOnlyKernelPaths())));
    }

    /** A container of a pod joins its sandbox's namespaces by path: what the sandbox was told says whose those are. */
    private static Map<NamespaceType, Namespace> namespaces(OciBundle bundle, Optional<OciBundle> sandbox) {
        Map<NamespaceType, Namespace> namespaces = new EnumMap<>(NamespaceType.class);
        for (NamespaceType type : NamespaceType.values()) {
            String path = bundle.namespaces().get(type);
            String name = "linux.namespaces " + type.link();
            if (path == null) {
                namespaces.put(type, new Namespace("no " + name, Scope.HOST));
            } else if (path.isEmpty()) {
                namespaces.put(type, new Namespace(name, Scope.CONTAINER));
            } else if (sandbox.isPresent()) {
                boolean own = sandbox.get().namespaces().containsKey(type);
                namespaces.put(
                        type,
                        new Namespace((own ? "the sandbox's " : "no sandbox's ") + name, own ? Scope.POD : Scope.HOST));
            } else {
                namespaces.put(type, new Namespace(name + " joined by path", Scope.ANY));
            }
        }
        return namespaces;
    }
}
