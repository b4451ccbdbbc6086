package io.plumbline.apparmor;

import java.util.ArrayList;
import java.util.List;

/**
 * A profile that this agent has loaded in this boot, or was about to.
 *
 * @param name as the kernel has it; a child as {@code parent//child}
 * @param mode in the policy that was written
 * @param hashes of the policy that was written last, {@code sha256:} and {@code sha1:} and hex
 * @param earlier the same of what was there before, while it is not known whether the last write took place
 * @param origin the source, for a person
 * @param byDirectory wanted as long as its directory holds it; else loaded by command, until it is removed by command
 * @param removing to be removed as soon as nobody is under it
 */
record OwnedProfile(
        String name,
        String mode,
        List<String> hashes,
        List<String> earlier,
        String origin,
        boolean byDirectory,
        boolean removing) {

    OwnedProfile {
        hashes = List.copyOf(hashes);
        earlier = List.copyOf(earlier);
    }

    /** Did we write what has this hash? */
    boolean wrote(String hash) {
        return hashes.contains(hash) || earlier.contains(hash);
    }

    OwnedProfile settled() {
        return new OwnedProfile(name, mode, hashes, List.of(), origin, byDirectory, removing);
    }

    OwnedProfile toBeRemoved() {
        return new OwnedProfile(name, mode, hashes, earlier, origin, byDirectory, true);
    }

    /** All that may be there from before, if something new is written over it. */
    List<String> allHashes() {
        List<String> all = new ArrayList<>(hashes);
        all.addAll(earlier);
        return all;
    }
}
