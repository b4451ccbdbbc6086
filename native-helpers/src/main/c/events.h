/* The process connector: a netlink socket at which the kernel tells of processes, linux/cn_proc.h. */
#ifndef EVENTS_H
#define EVENTS_H

#include "area.h"

#include <stdatomic.h>
#include <stdint.h>

struct events {
    atomic_flag busy;
    int socket;
    uint32_t dropped; /* of the socket's own count (SK_MEMINFO_DROPS, which wraps), what was already told */
};

/* Opens the socket as nh_events_open says, and says in *ret how far it came. Returns 0 or -errno. */
int events_open(struct events *events, int root, int32_t buffer, struct nh_backend *ret);

/* Waits and reads as nh_events_read says. Returns 0 or -errno. */
int events_read(struct events *events, struct area *area, int32_t timeout_ms);

void events_close(struct events *events);

#endif
