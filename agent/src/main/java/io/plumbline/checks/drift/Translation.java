package io.plumbline.checks.drift;

import io.plumbline.model.IdMap;
import io.plumbline.model.Reading;
import java.util.Optional;

/** From ids as the host sees them to ids as a container's spec names them. */
final class Translation {

    private Translation() {}

    /** Empty where the map could not be read, or does not hold the id. */
    static Optional<Long> inside(long hostId, Reading<IdMap> map) {
        return map.fold(
                ranges -> {
                    var inside = ranges.inside(hostId);
                    return inside.isPresent() ? Optional.of(inside.getAsLong()) : Optional.empty();
                },
                absent -> Optional.of(hostId), // a kernel without user namespaces translates nothing
                unreadable -> Optional.empty());
    }
}
