/*
 * The second way to know what changed: a BPF task iterator shows a fingerprint of every process in one pass, and only
 * those whose fingerprint is not as it was are read in /proc. What is told of a process always comes from /proc.
 */
#ifndef WATCH_H
#define WATCH_H

#include "area.h"
#include "watched.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of what the iterator writes. The kernel gives 8 pages at a time; of 4 KiB pages that is less. */
#define WATCH_BUFFER ((size_t)(64 << 10))

/*
 * A pointer in a fingerprint may stand for something new, and the bytes of a command line or the name of a directory in
 * an executable's path are in none: so each process is read again once in so long. Short of that it costs more than all
 * else.
 */
#define WATCH_REREAD_NS 600000000000u

/* How often /proc is listed, to find whom the iterator does not show. */
#define WATCH_RELIST_NS 60000000000u

/* The state of a mount namespace's table. */
struct watched_mounts {
    uint64_t hash;
    uint32_t inode;
    bool changed; /* it is not as in the last scan */
};

struct mounts_list {
    struct watched_mounts *entries;
    size_t count;
    size_t capacity;
};

/* All zero is one that is not open. */
struct watch {
    bool open;
    bool has_mount_events;
    int link;
    char *buffer;
    struct watched_list last;    /* by pid, of the last scan that was committed */
    struct watched_list now;     /* of the scan under way */
    struct watched_list threads; /* of the scan under way: those that are not as their leader; pid is the process's */
    struct mounts_list last_mounts;
    struct mounts_list now_mounts;
    uint64_t last_ns; /* when the last scan began */
    uint64_t now_ns;
    uint64_t listed_ns; /* when the last scan that did so listed /proc, to find who is not shown */
    uint64_t now_listed_ns;
    uint64_t mount_changes; /* as the last scan told */
    uint64_t now_mount_changes;
    int error;      /* of the last look, 0 or -errno */
};

struct handle;

/*
 * Loads the iterator and compares what it says of this process with /proc. Returns 0, or -errno and one line why it
 * cannot be used here, ended by a NUL.
 */
int watch_open(struct handle *h, char *why, size_t capacity);
void watch_close(struct watch *watch);

/*
 * Fills watch->now. A process is unchanged if its fingerprint is the last one, delta knows it, and it is not yet its
 * turn to be read again. Whom the last scan had and the iterator does not show is looked for in /proc, and once a minute
 * everybody: a kernel may keep some from the one and not from the other. Returns 0, or -errno if the iterator cannot be
 * used this time.
 */
int watch_look(struct handle *h, uint64_t now_ns);

/* The inodes of the mount namespaces whose tables watch_look found changed, uint32_t each. */
struct nh_item watch_changed_mounts(const struct watch *watch, struct area *area);

/* This scan has become the last one. */
void watch_commit(struct watch *watch);

/* The last scan was none of this kind: what was seen before it says nothing of what it read. */
void watch_forget(struct watch *watch);

#endif
