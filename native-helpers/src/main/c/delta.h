/* What the last scan saw of each process: enough to tell which are new, changed or gone. */
#ifndef DELTA_H
#define DELTA_H

#include "area.h"

#include <stdbool.h>

struct seen {
    uint64_t start_time;
    uint64_t hash;
    int32_t pid;
    int32_t parent;
    bool zombie;
    bool threaded;   /* has more threads than one */
    bool doubtful;   /* to be read by the next scan: something of it could not be read, or it was read alone since */
    bool refused;    /* something of it may not be read */
};

/* Ordered by pid. All zero is an empty one. */
struct seen_list {
    struct seen *entries;
    size_t count;
    size_t capacity;
};

struct delta {
    uint64_t key[2];       /* of the hash, random */
    struct seen_list last; /* of the last scan that succeeded */
    struct seen_list now;  /* of the scan under way */
    size_t at;             /* in last: the first that is not before the process being read */
};

void delta_free(struct delta *delta);

/* Starts a scan. Processes come in ascending order of pid. */
void delta_begin(struct delta *delta);

/* Notes a process of this scan. *ret_changed: it is new, or not as it was. Returns 0 or -ENOMEM. */
int delta_note(struct delta *delta, const struct nh_record *record, bool *ret_changed);

/* A process of the last scan is as it was, and of this one too. Not for one that the last scan did not have. */
int delta_keep(struct delta *delta, int32_t pid);

/* Appends the pids that the last scan had with a start time that this scan does not have. */
struct nh_item delta_ended(const struct delta *delta, struct area *area);

/* A process is to be read by the next scan, whatever shows that it is as it was. */
void delta_doubt(struct delta *delta, int32_t pid);

/* What the last scan saw of a process, or NULL. */
const struct seen *delta_last(const struct delta *delta, int32_t pid);

/* This scan has become the last one. */
void delta_commit(struct delta *delta);

#endif
