/* Beginnings that are kept back for a moment: most of a storm's processes are over before it has passed. */
#ifndef HELD_H
#define HELD_H

#include "plumbline.h"

#include <stddef.h>
#include <stdint.h>

enum { HELD_MAX = 1024 };

/* Oldest first. All zero is an empty one. */
struct held {
    struct nh_event events[HELD_MAX];
    size_t count;
};

/* Puts back what is held, the oldest first, at most room. Returns how many that were; the others stay. */
size_t held_give_back(struct held *held, struct nh_event *events, size_t room);

/*
 * Keeps back forks, execs and changes of credentials since then; none, if they are more than most or than there is place
 * for. events: oldest first, and none of a process after its end. Returns how many are left, in their order.
 */
size_t held_keep(struct held *held, struct nh_event *events, size_t count, uint64_t since_ns, size_t most);

#endif
