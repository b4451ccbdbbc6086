package io.plumbline.scan;

import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.ProfileUse;
import java.util.Map;

/** Looks at the node's AppArmor profiles. */
@FunctionalInterface
public interface ProfileLook {

    /** Does not look: there is no kernel to ask. */
    ProfileLook NOWHERE = uses -> AppArmorProfiles.NONE;

    /**
     * Looks.
     *
     * @param uses by the profile's name
     */
    AppArmorProfiles at(Map<String, ProfileUse> uses);
}
