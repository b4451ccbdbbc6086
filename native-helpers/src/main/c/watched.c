#include "watched.h"

#include "hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void watched_free(struct watched_list *list)
{
    free(list->entries);
    *list = (struct watched_list){0};
}

int watched_insert(struct watched_list *list, size_t at, struct watched entry)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 1024 : 2 * list->capacity;
        struct watched *entries = realloc(list->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return -ENOMEM;
        }
        list->entries = entries;
        list->capacity = capacity;
    }
    memmove(list->entries + at + 1, list->entries + at, (list->count - at) * sizeof entry);
    list->entries[at] = entry;
    list->count++;
    return 0;
}

int watched_add(struct watched_list *list, struct watched entry)
{
    return watched_insert(list, list->count, entry);
}

void watched_swap(struct watched_list *one, struct watched_list *other)
{
    struct watched_list kept = *one;
    *one = *other;
    *other = kept;
}

static int by_pid(const void *left, const void *right)
{
    const struct watched *a = left;
    const struct watched *b = right;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

void watched_put_in_order(struct watched_list *list)
{
    bool ordered = true;
    for (size_t i = 1; i < list->count && ordered; i++) {
        ordered = list->entries[i - 1].pid < list->entries[i].pid;
    }
    if (ordered) {
        return;
    }
    qsort(list->entries, list->count, sizeof *list->entries, by_pid);
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (kept > 0 && list->entries[kept - 1].pid == list->entries[i].pid) {
            list->entries[kept - 1].hash ^= list->entries[i].hash; /* like no other: it is read */
        } else {
            list->entries[kept++] = list->entries[i];
        }
    }
    list->count = kept;
}

struct watched *watched_find(const struct watched_list *list, int32_t pid)
{
    struct watched wanted = {.pid = pid};
    return list->count == 0 ? NULL : bsearch(&wanted, list->entries, list->count, sizeof *list->entries, by_pid);
}

/* Has the moment passed since the last look that comes for this process once in turn.reread_ns? */
static bool is_due(struct watched_turn turn, const uint64_t key[2], const struct watched *process)
{
    uint64_t name[] = {process->start_ns, (uint64_t)(uint32_t)process->pid};
    uint64_t moment = hash_words(key, name, sizeof name) % turn.reread_ns;
    uint64_t past = (turn.now_ns % turn.reread_ns + turn.reread_ns - moment) % turn.reread_ns;
    return past < turn.now_ns - turn.last_ns;
}

void watched_compare(struct watched_list *now, const struct watched_list *last, const struct delta *delta,
        struct watched_turn turn)
{
    struct watched_turn retry = turn;
    retry.reread_ns = WATCHED_RETRY_NS;
    size_t before = 0;
    size_t seen = 0;
    now->changed = 0;
    for (size_t i = 0; i < now->count; i++) {
        struct watched *process = &now->entries[i];
        while (before < last->count && last->entries[before].pid < process->pid) {
            before++;
        }
        while (seen < delta->last.count && delta->last.entries[seen].pid < process->pid) {
            seen++;
        }
        const struct watched *old = before < last->count ? &last->entries[before] : NULL;
        const struct seen *known = seen < delta->last.count ? &delta->last.entries[seen] : NULL;
        process->unchanged = known != NULL && known->pid == process->pid && !known->doubtful && old != NULL
                && old->pid == process->pid && old->start_ns == process->start_ns && old->hash == process->hash
                && !process->doubtful && !is_due(known->refused ? retry : turn, delta->key, process);
        now->changed += !process->unchanged;
    }
}
