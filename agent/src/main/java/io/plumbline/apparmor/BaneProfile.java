package io.plumbline.apparmor;

import io.plumbline.model.ProfileError;
import java.util.List;

/**
 * A profile in the format of the tool bane, as its TOML says it; see {@link BaneReader} for what is refused.
 *
 * @param name of the profile, {@code docker-} in front
 * @param allowedCapabilities in lower case, without {@code cap_}; of no effect where {@code deniedCapabilities} is not empty
 * @param raw raw sockets are allowed
 * @param packet packet sockets are allowed
 * @param protocols the only ones allowed over IPv4; empty: all
 * @param warnings what is accepted and does something else than its author may think
 */
public record BaneProfile(
        String name,
        List<String> readOnlyPaths,
        List<String> logOnWritePaths,
        List<String> writablePaths,
        List<String> allowExec,
        List<String> denyExec,
        List<String> allowedCapabilities,
        List<String> deniedCapabilities,
        boolean raw,
        boolean packet,
        List<String> protocols,
        List<ProfileError> warnings) {

    public BaneProfile {
        readOnlyPaths = List.copyOf(readOnlyPaths);
        logOnWritePaths = List.copyOf(logOnWritePaths);
        writablePaths = List.copyOf(writablePaths);
        allowExec = List.copyOf(allowExec);
        denyExec = List.copyOf(denyExec);
        allowedCapabilities = List.copyOf(allowedCapabilities);
        deniedCapabilities = List.copyOf(deniedCapabilities);
        protocols = List.copyOf(protocols);
        warnings = List.copyOf(warnings);
    }
}
