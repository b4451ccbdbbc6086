#include "events.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int events_by_ring(struct events *events, uint32_t bytes, struct reason *why)
{
    if (events->ring.open) {
        return 0;
    }
    int error = ring_open(&events->ring, events->root, bytes, why);
    if (error < 0) {
        return error;
    }
    error = connector_narrow(&events->connector);
    if (error < 0) {
        ring_close(&events->ring);
        return refuse(why, error, "the process connector does not take another filter: %s", strerror(-error));
    }
    return 0;
}

static int wait_for(const struct events *events, int timeout_ms)
{
    struct pollfd readable[] = {
            {.fd = events->connector.socket, .events = POLLIN},
            {.fd = events->ring.open ? events->ring.map : -1, .events = POLLIN},
    };
    int ready = poll(readable, sizeof readable / sizeof *readable, timeout_ms);
    return ready < 0 && errno != EINTR ? -errno : 0;
}

static int by_time(const void *left, const void *right)
{
    const struct nh_event *a = left;
    const struct nh_event *b = right;
    return (a->monotonic_ns > b->monotonic_ns) - (a->monotonic_ns < b->monotonic_ns);
}

int events_read(struct events *events, struct area *area, int32_t timeout_ms)
{
    struct nh_events header = {0};
    area_reserve(area, sizeof header, &(struct nh_item){0});
    struct nh_event *list = (struct nh_event *)(void *)(area->base + area->used);
    size_t room = (area->capacity - area->used) / sizeof *list;
    /* Whoever may change his ids can do so without end: that is not to keep from us what the others do. */
    size_t most = events->ring.open && room >= 4 ? room / 4 : room;
    size_t count;
    int error = wait_for(events, timeout_ms);
    error = error < 0 ? error : connector_take(&events->connector, list, most, &count, &header.lost);
    if (error < 0) {
        return error;
    }
    if (events->ring.open) {
        size_t ids = count;
        count += ring_take(&events->ring, list + ids, room - ids);
        header.lost += ring_lost(&events->ring);
        if (ids > 0) {
            qsort(list, count, sizeof *list, by_time);
        }
    }
    header.count = (uint32_t)lives_settle(&events->lives, list, count);
    area->used += header.count * sizeof *list;
    memcpy(area->base, &header, sizeof header);
    return 0;
}

void events_close(struct events *events)
{
    ring_close(&events->ring);
    connector_close(&events->connector);
    lives_free(&events->lives);
    close(events->root);
}
