package io.plumbline.checks.policy;

import io.plumbline.model.DeclaredPod;
import java.util.Optional;

/** A question to a pod's declaration. */
public interface Rule {

    /** What violates the rule, where it stands, and the way out; empty where the pod is allowed. */
    Optional<String> judge(DeclaredPod pod);

    /** The API lets a pod with {@code spec.os.name: windows} set no field that only Linux has. */
    default Rule exceptForWindows() {
        return pod -> pod.os().filter("windows"::equals).isPresent() ? Optional.empty() : judge(pod);
    }

    /** With {@code hostUsers: false} the pod's root is nobody on the node: KEP-127. */
    default Rule exceptInUserNamespace() {
        return pod -> pod.hostUsers().filter(host -> !host).isPresent() ? Optional.empty() : judge(pod);
    }
}
