/* What happens to processes, from the one or both ways that the kernel tells it. */
#ifndef EVENTS_H
#define EVENTS_H

#include "area.h"
#include "connector.h"
#include "held.h"
#include "lives.h"
#include "ring.h"

#include <stdatomic.h>
#include <stdint.h>

struct events {
    atomic_flag busy;
    int root; /* the proc root */
    struct connector connector;
    struct ring ring; /* where it is open, the connector tells of user and group ids alone */
    struct lives lives;
    struct held held;
};

/* Opens the ring beside the connector, as nh_events_ring says. Returns 0 or -errno. */
int events_by_ring(struct events *events, uint32_t bytes, struct reason *why);

/* Waits and reads as nh_events_read says. Returns 0 or -errno. */
int events_read(struct events *events, struct area *area, int32_t timeout_ms);

void events_close(struct events *events);

#endif
