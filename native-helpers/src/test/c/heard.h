/* What nh_events_* tells of processes, by the connector alone or with a ring. */
#ifndef HEARD_H
#define HEARD_H

#include "check.h"
#include "plumbline.h"

#include <stdbool.h>
#include <sys/types.h>

enum { ROOM = 1 << 20, RING = 1 << 20 };

extern _Alignas(8) char room[ROOM]; /* for nh_events_read */
extern struct nh_backend opened;    /* what open_events was told of the connector */
extern int32_t ring;                /* bytes of the ring that a test is to go by; 0: without */
extern char no_ring[512];           /* why there is no ring */

/* A handle, or -errno. */
int64_t open_events(int32_t buffer);

#define OPEN_OR_SKIP(events, buffer)                                                                                   \
    int64_t events = open_events(buffer);                                                                              \
    if (events < 0) {                                                                                                  \
        SKIP(why_no_events((int)-events));                                                                             \
    }

const char *why_no_events(int error);

uint64_t now_ns(void);

/* Reads until this has been told of the process, or too long. What was told of it is in *ret, as bits. */
bool told(int64_t events, int32_t pid, uint32_t last, uint32_t *ret, uint64_t *ret_when);

/* A process that has begun and ended: its pid, or -1. */
pid_t short_life(void);

#endif
