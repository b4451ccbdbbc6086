package io.plumbline.scan;

import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.ProfileUse;
import java.util.Map;
import java.util.function.Supplier;

/** Looks at the node's AppArmor profiles. */
@FunctionalInterface
public interface ProfileLook {

    /** Does not look: there is no kernel to ask. */
    ProfileLook NOWHERE = uses -> AppArmorProfiles.NONE;

    /**
     * Looks.
     *
     * @param uses by the profile's name; computed only when asked for
     */
    AppArmorProfiles at(Supplier<Map<String, ProfileUse>> uses);
}
