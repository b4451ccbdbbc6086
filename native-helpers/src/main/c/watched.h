/* Fingerprints of processes: whose is the last one is as he was, and need not be read again. */
#ifndef WATCHED_H
#define WATCHED_H

#include "delta.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watched {
    uint64_t start_ns; /* 0: the hash tells apart two processes of one number */
    uint64_t hash;
    int32_t pid;
    bool doubtful;  /* what may change of it the hash does not tell: it is read each time */
    bool unchanged; /* after watched_compare: as the last time, and known to /proc's side */
};

/* By pid. All zero is an empty one. */
struct watched_list {
    struct watched *entries;
    size_t count;
    size_t capacity;
    size_t changed; /* after watched_compare: how many are to be read */
};

/* How often it is tried again to read of a process what may not be read. */
#define WATCHED_RETRY_NS 10000000000u

/*
 * When a process is read again although nothing seems to have changed: once in reread_ns, spread over that time. The
 * others are CLOCK_MONOTONIC of the last look and of this one.
 */
struct watched_turn {
    uint64_t reread_ns;
    uint64_t last_ns;
    uint64_t now_ns;
};

void watched_free(struct watched_list *list);

/* Both return 0 or -ENOMEM. */
int watched_add(struct watched_list *list, struct watched entry);
int watched_insert(struct watched_list *list, size_t at, struct watched entry);
void watched_swap(struct watched_list *one, struct watched_list *other);

/* Of a list in any order. A number that is there twice, because it was given away meanwhile, stays once, changed. */
void watched_put_in_order(struct watched_list *list);

/* NULL: none of that number. */
struct watched *watched_find(const struct watched_list *list, int32_t pid);

/*
 * Says of each process of *now whether it is unchanged: its fingerprint is that of *last, delta knows all of it that may be
 * read, and it is not its turn to be read again.
 */
void watched_compare(struct watched_list *now, const struct watched_list *last, const struct delta *delta,
        struct watched_turn turn);

#endif
