#define _GNU_SOURCE
#include "idle.h"

#include "handle.h"
#include "hash.h"
#include "threads.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void idle_free(struct idle *idle)
{
    watched_free(&idle->last);
    watched_free(&idle->now);
}

void idle_commit(struct idle *idle)
{
    watched_swap(&idle->last, &idle->now);
    idle->last_ns = idle->now_ns;
}

/* Adds to *hash how long a thread has run, how long it waited, and how often it came to run. Returns whether that counts. */
static bool add_runs(struct handle *h, int dir, int32_t tid, uint64_t *hash)
{
    char name[32];
    char numbers[72] = "";
    struct span text;
    snprintf(name, sizeof name, "%d/schedstat", tid);
    if (procfs_read_record(dir, name, &h->file, &text) < 0 || text.length < 2 || text.length > 64
            || memcmp(text.start, "0 ", 2) == 0) {
        return false;
    }
    memcpy(numbers, text.start, text.length);
    memcpy(numbers + 64, &tid, sizeof tid);
    *hash += hash_words(h->delta.key, numbers, sizeof numbers);
    return true;
}

static bool add_runs_of_threads(struct handle *h, int32_t pid, uint64_t *hash)
{
    CLOSES int dir = procfs_open_pid(h->root, pid);
    CLOSES int task = dir < 0 ? dir : threads_list(h, dir);
    bool all = task >= 0;
    for (size_t i = 0; all && i < h->tids.count; i++) {
        all = add_runs(h, task, h->tids.pids[i], hash);
    }
    return all;
}

/*
 * A child whose parent ends goes to another one, and need not run for that. No parent is younger than its child: such a
 * one has the number of the old one.
 */
static bool has_its_parent(const struct handle *h, const struct seen *child)
{
    if (child->parent == 0) {
        return true;
    }
    const struct seen *parent = delta_last(&h->delta, child->parent);
    return parent != NULL && !parent->zombie && parent->start_time <= child->start_time
            && pid_list_has(&h->pids, child->parent);
}

int idle_look(struct handle *h, uint64_t now_ns)
{
    struct idle *idle = &h->idle;
    idle->now_ns = now_ns;
    idle->now.count = 0;
    for (size_t i = 0; i < h->pids.count; i++) {
        struct watched process = {.pid = h->pids.pids[i]};
        const struct seen *seen = delta_last(&h->delta, process.pid);
        bool told = seen != NULL && seen->threaded ? add_runs_of_threads(h, process.pid, &process.hash)
                                                   : add_runs(h, h->root, process.pid, &process.hash);
        process.doubtful = !told || (seen != NULL && (seen->zombie || !has_its_parent(h, seen)));
        if (watched_add(&idle->now, process) < 0) {
            return -ENOMEM;
        }
    }
    struct watched_turn turn = {IDLE_REREAD_NS, idle->last_ns, now_ns};
    watched_compare(&idle->now, &idle->last, &h->delta, turn);
    return 0;
}
