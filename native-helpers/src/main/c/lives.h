/* What happened to those of a batch who are over: of them one event is left, instead of all that came before their end. */
#ifndef LIVES_H
#define LIVES_H

#include "plumbline.h"

#include <stddef.h>
#include <stdint.h>

struct life {
    int32_t pid;  /* 0: no entry */
    uint32_t end; /* which event is its end, from 1; 0: none that is not accounted for */
};

/* By pid, open addressing. All zero is an empty one. */
struct lives {
    struct life *places;
    size_t capacity;
    size_t used; /* of them in this batch: a power of two */
};

/*
 * Leaves out of events, oldest first, what happened to a process before its NH_EVENT_EXIT among them; with the
 * NH_EVENT_FORK that it began with, the end becomes NH_EVENT_LIFE with the time of that. Returns how many are left, in their order; all, if
 * there is no memory to know them by.
 */
size_t lives_settle(struct lives *lives, struct nh_event *events, size_t count);

void lives_free(struct lives *lives);

#endif
