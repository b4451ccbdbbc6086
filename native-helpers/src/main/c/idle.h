/*
 * The third way to know what changed, where no iterator can be had: who did not run since did nothing, and whatever a
 * process is it made of itself. The scheduler's count is one small file of /proc; all else of a process takes a dozen.
 *
 * What others do to a process that sleeps, this does not show: they move it into another cgroup, or rename its program.
 * Those are seen when it runs, or within IDLE_REREAD_NS. That its parent is gone is seen.
 */
#ifndef IDLE_H
#define IDLE_H

#include "watched.h"

#define IDLE_REREAD_NS 60000000000u

/* All zero is one that has not looked. */
struct idle {
    struct watched_list last; /* of the last look that was committed */
    struct watched_list now;  /* of the scan under way */
    uint64_t last_ns;         /* when the last look that was committed began */
    uint64_t now_ns;
};

struct handle;

void idle_free(struct idle *idle);

/*
 * Asks the scheduler for each process of h->pids, and fills h->idle.now with them in that order. Before they are read:
 * what runs later is seen the next time. A kernel that counts nothing says 0 of all, and then each is doubtful. Returns 0
 * or -ENOMEM.
 */
int idle_look(struct handle *h, uint64_t now_ns);

/* This scan has become the last one. */
void idle_commit(struct idle *idle);

#endif
