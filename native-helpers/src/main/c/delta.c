#include "delta.h"

#include <errno.h>
#include <stdlib.h>

void delta_free(struct delta *delta)
{
    free(delta->last.entries);
    free(delta->now.entries);
    *delta = (struct delta){0};
}

void delta_begin(struct delta *delta)
{
    delta->now.count = 0;
    delta->at = 0;
}

static int add_seen(struct seen_list *now, struct seen seen)
{
    if (now->count == now->capacity) {
        size_t capacity = now->capacity == 0 ? 1024 : 2 * now->capacity;
        struct seen *entries = realloc(now->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return -ENOMEM;
        }
        now->entries = entries;
        now->capacity = capacity;
    }
    now->entries[now->count++] = seen;
    return 0;
}

/* The first of the last scan that is not before this one, or NULL. */
static const struct seen *find_last(struct delta *delta, int32_t pid)
{
    const struct seen_list *last = &delta->last;
    while (delta->at < last->count && last->entries[delta->at].pid < pid) {
        delta->at++;
    }
    return delta->at < last->count ? &last->entries[delta->at] : NULL;
}

int delta_keep(struct delta *delta, int32_t pid)
{
    const struct seen *before = find_last(delta, pid);
    return before == NULL || before->pid != pid ? -ENOENT : add_seen(&delta->now, *before);
}

/* What could not be read, the next scan may have better luck with; what may not be read, only one in a while. */
static void note_errors(const struct nh_record *record, struct seen *seen)
{
    for (int field = 0; field < NH_ERR_COUNT; field++) {
        uint16_t error = record->err[field];
        if (error == EACCES || error == EPERM) {
            seen->refused = true;
        } else if (error != 0 && error != ENOENT && error != EINVAL && error != NH_SKIPPED) {
            seen->doubtful = true;
        }
    }
}

int delta_note(struct delta *delta, const struct nh_record *record, bool *ret_changed)
{
    struct seen seen = {
            .start_time = record->start_time,
            .hash = record->hash,
            .pid = record->pid,
            .parent = record->ppid,
            .zombie = record->state == 'Z' || record->state == 'X',
            .threaded = record->threads > 1,
    };
    note_errors(record, &seen);
    if (add_seen(&delta->now, seen) < 0) {
        return -ENOMEM;
    }
    const struct seen *before = find_last(delta, record->pid);
    *ret_changed = before == NULL || before->pid != record->pid || before->start_time != record->start_time
            || before->hash != record->hash;
    return 0;
}

/* Writes the pids to *pids unless it is NULL. Returns how many there are. */
static size_t ended_pids(const struct delta *delta, int32_t *pids)
{
    const struct seen_list *now = &delta->now;
    size_t count = 0;
    size_t at = 0;
    for (size_t i = 0; i < delta->last.count; i++) {
        const struct seen *old = &delta->last.entries[i];
        while (at < now->count && now->entries[at].pid < old->pid) {
            at++;
        }
        bool there = at < now->count && now->entries[at].pid == old->pid;
        if (there && now->entries[at].start_time == old->start_time) {
            continue;
        }
        if (pids != NULL) {
            pids[count] = old->pid;
        }
        count++;
    }
    return count;
}

struct nh_item delta_ended(const struct delta *delta, struct area *area)
{
    struct nh_item item;
    int32_t *pids = area_reserve(area, ended_pids(delta, NULL) * sizeof *pids, &item);
    if (pids != NULL) {
        ended_pids(delta, pids);
    }
    return item;
}

static int by_pid(const void *left, const void *right)
{
    const struct seen *a = left;
    const struct seen *b = right;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

static struct seen *find(const struct seen_list *list, int32_t pid)
{
    struct seen wanted = {.pid = pid};
    return list->count == 0 ? NULL : bsearch(&wanted, list->entries, list->count, sizeof *list->entries, by_pid);
}

const struct seen *delta_last(const struct delta *delta, int32_t pid)
{
    return find(&delta->last, pid);
}

void delta_doubt(struct delta *delta, int32_t pid)
{
    struct seen *seen = find(&delta->last, pid);
    if (seen != NULL) {
        seen->doubtful = true;
    }
}

void delta_commit(struct delta *delta)
{
    struct seen_list last = delta->last;
    delta->last = delta->now;
    delta->now = last;
    delta->now.count = 0;
}
