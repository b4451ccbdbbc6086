#include "held.h"

#include <stdbool.h>
#include <string.h>

size_t held_give_back(struct held *held, struct nh_event *events, size_t room)
{
    size_t count = held->count < room ? held->count : room;
    memcpy(events, held->events, count * sizeof *events);
    held->count -= count;
    memmove(held->events, held->events + count, held->count * sizeof *events);
    return count;
}

static bool is_kept(const struct nh_event *event, uint64_t since_ns)
{
    return event->monotonic_ns >= since_ns && event->what != NH_EVENT_EXIT && event->what != NH_EVENT_LIFE;
}

size_t held_keep(struct held *held, struct nh_event *events, size_t count, uint64_t since_ns, size_t most)
{
    size_t kept = 0;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        kept += is_kept(&events[i], since_ns);
    }
    if (kept > most || kept > HELD_MAX - held->count) {
        return count;
    }
    for (size_t i = 0; i < count; i++) {
        if (is_kept(&events[i], since_ns)) {
            held->events[held->count++] = events[i];
        } else {
            events[left++] = events[i];
        }
    }
    return left;
}
