package io.plumbline.model;

import java.util.List;

/**
 * What the kernel told since the last time.
 *
 * @param events oldest first
 * @param lost how many it could not deliver meanwhile
 */
public record EventBatch(List<ProcessEvent> events, long lost) {
    public EventBatch {
        events = List.copyOf(events);
    }
}
