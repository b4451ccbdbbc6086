/* The process connector: a netlink socket at which the kernel tells of processes, linux/cn_proc.h. */
#ifndef CONNECTOR_H
#define CONNECTOR_H

#include "plumbline.h"

#include <stddef.h>
#include <stdint.h>

struct connector {
    int socket;
    uint32_t dropped; /* of the socket's own count (SK_MEMINFO_DROPS, which wraps), what was already told */
};

/* Opens the socket as nh_events_open says, and says in *ret how far it came. Returns 0 or -errno. */
int connector_open(struct connector *connector, int root, int32_t buffer, struct nh_backend *ret);

/* From now on it tells of changes of user and group ids alone. Returns 0 or -errno. */
int connector_narrow(struct connector *connector);

/* Takes what is there, at most room, without waiting. Returns 0 or -errno. */
int connector_take(struct connector *connector, struct nh_event *events, size_t room, size_t *ret_count,
        uint64_t *ret_lost);

void connector_close(struct connector *connector);

#endif
