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

int delta_note(struct delta *delta, const struct nh_record *record, bool *ret_changed)
{
    const struct seen_list *last = &delta->last;
    struct seen_list *now = &delta->now;
    if (now->count == now->capacity) {
        size_t capacity = now->capacity == 0 ? 1024 : 2 * now->capacity;
        struct seen *entries = realloc(now->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return -ENOMEM;
        }
        now->entries = entries;
        now->capacity = capacity;
    }
    now->entries[now->count++] = (struct seen){record->start_time, record->hash, record->pid};
    while (delta->at < last->count && last->entries[delta->at].pid < record->pid) {
        delta->at++;
    }
    const struct seen *before = delta->at < last->count ? &last->entries[delta->at] : NULL;
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

void delta_commit(struct delta *delta)
{
    struct seen_list last = delta->last;
    delta->last = delta->now;
    delta->now = last;
    delta->now.count = 0;
}
