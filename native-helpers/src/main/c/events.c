#include "events.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* So many at a time are a storm: most of whom it tells of are over soon. */
#define STORM 16

/* As long as this it takes to see whether somebody is over at once; and between two looks in a storm. */
#define HOLD_NS 3000000u
#define GATHER_NS 5000000

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

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Waits until then. Returns whether the connector has something, or -errno. */
static int wait_until(const struct events *events, uint64_t end)
{
    struct pollfd readable[] = {
            {.fd = events->connector.socket, .events = POLLIN},
            {.fd = events->ring.open ? events->ring.map : -1, .events = POLLIN},
    };
    uint64_t now = now_ns();
    int ready = poll(readable, sizeof readable / sizeof *readable, now < end ? (int)((end - now + 999999) / 1000000) : 0);
    if (ready < 0) {
        return errno == EINTR ? 0 : -errno;
    }
    return readable[0].revents != 0;
}

static int by_time(const void *left, const void *right)
{
    const struct nh_event *a = left;
    const struct nh_event *b = right;
    return (a->monotonic_ns > b->monotonic_ns) - (a->monotonic_ns < b->monotonic_ns);
}

/* Takes what has come, behind those of list that are older. Returns how many there are then, or -errno. */
static int64_t take(struct events *events, bool by_connector, struct nh_event *list, size_t older, size_t room, uint64_t *lost)
{
    /* Whoever may change his ids can do so without end: that is not to keep from us what the others do. */
    size_t left = room - older;
    size_t most = events->ring.open && left >= 4 ? left / 4 : left;
    size_t ids = 0;
    int error = by_connector ? connector_take(&events->connector, list + older, most, &ids, lost) : 0;
    if (error < 0) {
        return error;
    }
    size_t count = older + ids;
    if (events->ring.open) {
        count += ring_take(&events->ring, list + count, room - count);
        *lost += ring_lost(&events->ring);
        if (ids > 0) {
            qsort(list, count, sizeof *list, by_time);
        }
    }
    return (int64_t)count;
}

/* Somebody does what another may want to know of soon: not only to be born, or to be over at once. */
static bool is_any_soon(const struct nh_event *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].what != NH_EVENT_LIFE && list[i].what != NH_EVENT_FORK) {
            return true;
        }
    }
    return false;
}

static bool is_any_alive(const struct nh_event *list, size_t count)
{
    while (count > 0 && list[count - 1].what == NH_EVENT_LIFE) {
        count--;
    }
    return count > 0;
}

/* Waits until then or until somebody begins or ends, and adds it to list. Returns how many there are, or -errno. */
static int64_t hear(struct events *events, struct nh_event *list, size_t room, uint64_t end, struct nh_events *header)
{
    size_t older = held_give_back(&events->held, list, room);
    uint64_t ripe = older > 0 ? list[0].monotonic_ns + HOLD_NS : end;
    int by_connector = wait_until(events, ripe < end ? ripe : end);
    if (by_connector < 0) {
        return by_connector;
    }
    int64_t taken = take(events, by_connector, list, older, room, &header->lost);
    if (taken < 0) {
        return taken;
    }
    bool storm = (size_t)taken - older >= STORM;
    size_t count = lives_settle(&events->lives, list, (size_t)taken);
    if (storm || !is_any_soon(list, count)) {
        count = held_keep(&events->held, list, count, now_ns() - HOLD_NS, room / 2);
    }
    if (storm && !is_any_alive(list, count) && now_ns() < end) {
        nanosleep(&(struct timespec){.tv_nsec = GATHER_NS}, NULL);
    }
    return (int64_t)count;
}

int events_read(struct events *events, struct area *area, int32_t timeout_ms)
{
    struct nh_events header = {0};
    area_reserve(area, sizeof header, &(struct nh_item){0});
    struct nh_event *list = (struct nh_event *)(void *)(area->base + area->used);
    size_t room = (area->capacity - area->used) / sizeof *list;
    uint64_t end = now_ns() + (uint64_t)timeout_ms * 1000000;
    size_t count = 0;
    bool goes_on;
    do {
        int64_t more = hear(events, list + count, room - count, end, &header);
        if (more < 0) {
            return (int)more;
        }
        goes_on = !is_any_alive(list + count, (size_t)more) && header.lost == 0 && now_ns() < end;
        count += (size_t)more;
    } while (goes_on && count <= room / 2);
    header.count = (uint32_t)count;
    area->used += count * sizeof *list;
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
