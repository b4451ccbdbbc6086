/* A ring buffer into which programs in the kernel put what happens to processes (bpf(2), ringbuf.rst). */
#ifndef RING_H
#define RING_H

#include "plumbline.h"
#include "reason.h"
#include "tell.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is one that is not open. */
struct ring {
    bool open;
    int map;  /* readable while something is there */
    int lost; /* map of one number: what found no room */
    int links[TELL_COUNT];
    int attached;   /* of them */
    uint32_t bytes; /* of the buffer, a power of two */
    char *consumer; /* page: how far it was read. After it one page: how far it was written; and the buffer, twice */
    const uint64_t *dropped;
    uint64_t told; /* of them */
};

/* Loads the programs; bytes: as bpf_create_ring. Returns 0, or -errno. */
int ring_open(struct ring *ring, int root, uint32_t bytes, struct reason *why);

/* Takes what is there, at most room. Returns how many events that were. */
size_t ring_take(struct ring *ring, struct nh_event *events, size_t room);

/* What found no room since the last call. */
uint64_t ring_lost(struct ring *ring);

void ring_close(struct ring *ring);

#endif
