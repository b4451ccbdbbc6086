package io.plumbline.kubernetes;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.Map;
import java.util.Optional;

/**
 * What somebody wants in the kernels of nodes: {@code spec} of an {@code AppArmorProfile} of {@code plumbline.io/v1alpha1}. The object's
 * definition in the chart is made from this type. Agents only read these objects; how each stands on a node, the node's report says.
 */
@Rule(
        expression = "has(self.raw) != has(self.bane)",
        message = "give one of raw (AppArmor's own language) and bane (bane's TOML), and not both")
record AppArmorProfile(
        @JsonPropertyDescription(
                "One or more profiles in AppArmor's own language. The names that pods refer to are the ones in the text")
        @Bounds(length = LONGEST)
        Optional<String> raw,

        @JsonPropertyDescription("One profile in bane's TOML; its name is docker-<Name>") @Bounds(length = LONGEST)
        Optional<String> bane,

        @JsonPropertyDescription(
                "enforce: what is not allowed is denied. complain: it is logged, whatever the text says. A text whose own flags say"
                        + " another mode than enforce is refused in mode enforce")
        Mode mode,

        @JsonPropertyDescription(
                "Labels that a node must have to get the profiles, as in a pod; left out or empty for every node")
        @Bounds(items = 32, length = 63)
        Map<String, String> nodeSelector) {

    /** Characters; the API server takes no object that is much larger. */
    static final int LONGEST = 1 << 20;

    /** The first is the default. */
    enum Mode {
        ENFORCE,
        COMPLAIN
    }

    AppArmorProfile {
        nodeSelector = Map.copyOf(nodeSelector);
    }
}
