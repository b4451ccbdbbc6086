#define _GNU_SOURCE
#include "watch.h"

#include "handle.h"
#include "hash.h"
#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void watch_close(struct watch *watch)
{
    if (watch->open) {
        close(watch->link);
    }
    free(watch->buffer);
    free(watch->last.entries);
    free(watch->now.entries);
    free(watch->threads.entries);
    free(watch->last_mounts.entries);
    free(watch->now_mounts.entries);
    *watch = (struct watch){0};
}

static int add_watched(struct watched_list *list, struct watched entry)
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
    list->entries[list->count++] = entry;
    return 0;
}

/* The first process of a namespace tells: a root of its own would only make the table look changed. */
static int add_mounts(struct mounts_list *list, const uint64_t key[2], const struct task_print *print)
{
    uint64_t state[] = {print->mount_event, print->root_superblock_flags, print->root_mount_flags};
    uint32_t inode = print->ns[NH_NS_MNT];
    size_t low = 0;
    for (size_t high = list->count; low < high;) {
        size_t middle = (low + high) / 2;
        if (list->entries[middle].inode < inode) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < list->count && list->entries[low].inode == inode) {
        return 0;
    }
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
        struct watched_mounts *entries = realloc(list->entries, capacity * sizeof *entries);
        if (entries == NULL) {
            return -ENOMEM;
        }
        list->entries = entries;
        list->capacity = capacity;
    }
    memmove(list->entries + low + 1, list->entries + low, (list->count - low) * sizeof *list->entries);
    list->entries[low] = (struct watched_mounts){hash_words(key, state, sizeof state), inode};
    list->count++;
    return 0;
}

/* Leaves nothing in a fingerprint that changes while nothing does that matters. */
static void settle(struct task_print *print)
{
    print->flags &= PRINT_EXITING | PRINT_KERNEL_THREAD;
    print->exe_hashed = print->exe_hashed != 0; /* a pointer to a neighbour */
}

static int add_print(struct watch *watch, const uint64_t key[2], struct task_print *print)
{
    if (print->tgid == print->tid && print->ns[NH_NS_MNT] != 0) {
        int error = add_mounts(&watch->now_mounts, key, print);
        if (error < 0) {
            return error;
        }
    }
    print->mount_event = 0; /* what is mounted is not in a process's record */
    settle(print);
    struct watched entry = {
            .start_ns = print->start_ns,
            .hash = hash_words(key, print, sizeof *print),
            .pid = print->tgid,
            .zombie = print->exit_state != 0,
    };
    return add_watched(print->tgid == print->tid ? &watch->now : &watch->threads, entry);
}

static int read_prints(struct watch *watch, const uint64_t key[2], int run)
{
    size_t kept = 0;
    for (;;) {
        ssize_t got = read(run, watch->buffer + kept, WATCH_BUFFER - kept);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got <= 0) {
            return got < 0 ? -errno : kept == 0 ? 0 : -EBADMSG;
        }
        size_t length = kept + (size_t)got;
        size_t at = 0;
        for (; length - at >= sizeof(struct task_print); at += sizeof(struct task_print)) {
            struct task_print print;
            memcpy(&print, watch->buffer + at, sizeof print);
            int error = add_print(watch, key, &print);
            if (error < 0) {
                return error;
            }
        }
        kept = length - at;
        memmove(watch->buffer, watch->buffer + at, kept);
    }
}

static int by_pid(const void *left, const void *right)
{
    const struct watched *a = left;
    const struct watched *b = right;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

/* The iterator goes through the numbers in ascending order; but a number given away meanwhile may come twice. */
static void put_in_order(struct watched_list *list)
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

/* A thread that is not as its leader is part of its process's fingerprint, in whichever order they are shown. */
static void add_threads(struct watch *watch)
{
    for (size_t i = 0; i < watch->threads.count; i++) {
        const struct watched *thread = &watch->threads.entries[i];
        struct watched *leader = bsearch(
                thread, watch->now.entries, watch->now.count, sizeof *watch->now.entries, by_pid);
        if (leader != NULL) {
            leader->hash += thread->hash;
        }
    }
}

/* Has the moment passed since the last scan that comes for this process once in WATCH_REREAD_NS? */
static bool is_due(const struct watch *watch, const uint64_t key[2], const struct watched *process)
{
    uint64_t name[] = {process->start_ns, (uint64_t)(uint32_t)process->pid};
    uint64_t since = watch->now_ns - watch->last_ns;
    uint64_t moment = hash_words(key, name, sizeof name) % WATCH_REREAD_NS;
    uint64_t past = (watch->now_ns % WATCH_REREAD_NS + WATCH_REREAD_NS - moment) % WATCH_REREAD_NS;
    return past < since;
}

static void compare(struct watch *watch, const struct delta *delta)
{
    size_t before = 0;
    size_t seen = 0;
    watch->changed = 0;
    for (size_t i = 0; i < watch->now.count; i++) {
        struct watched *process = &watch->now.entries[i];
        while (before < watch->last.count && watch->last.entries[before].pid < process->pid) {
            before++;
        }
        while (seen < delta->last.count && delta->last.entries[seen].pid < process->pid) {
            seen++;
        }
        const struct watched *last = before < watch->last.count ? &watch->last.entries[before] : NULL;
        bool known = seen < delta->last.count && delta->last.entries[seen].pid == process->pid
                && !delta->last.entries[seen].incomplete;
        /* A leader that has ended before its threads is read each time, because the threads say what it was. */
        process->unchanged = known && last != NULL && last->pid == process->pid && last->start_ns == process->start_ns
                && last->hash == process->hash && !process->zombie && !is_due(watch, delta->key, process);
        watch->changed += !process->unchanged;
    }
}

static void compare_mounts(struct watch *watch)
{
    const struct mounts_list *last = &watch->last_mounts;
    size_t before = 0;
    bool changed = !watch->has_mount_events;
    for (size_t i = 0; i < watch->now_mounts.count && !changed; i++) {
        const struct watched_mounts *mounts = &watch->now_mounts.entries[i];
        while (before < last->count && last->entries[before].inode < mounts->inode) {
            before++;
        }
        changed = before < last->count && last->entries[before].inode == mounts->inode
                && last->entries[before].hash != mounts->hash;
    }
    watch->mount_changes += changed;
}

static int look(struct watch *watch, const struct delta *delta, uint64_t now_ns)
{
    watch->now.count = 0;
    watch->threads.count = 0;
    watch->now_mounts.count = 0;
    watch->now_ns = now_ns;
    int run = bpf_run_iterator(watch->link);
    if (run < 0) {
        return run;
    }
    int error = read_prints(watch, delta->key, run);
    close(run);
    if (error < 0) {
        return error;
    }
    put_in_order(&watch->now);
    add_threads(watch);
    compare(watch, delta);
    compare_mounts(watch);
    return 0;
}

int watch_look(struct watch *watch, const struct delta *delta, uint64_t now_ns)
{
    watch->error = look(watch, delta, now_ns);
    return watch->error;
}

void watch_forget(struct watch *watch)
{
    watch->last.count = 0;
}

void watch_commit(struct watch *watch)
{
    struct watched_list last = watch->last;
    watch->last = watch->now;
    watch->now = last;
    struct mounts_list last_mounts = watch->last_mounts;
    watch->last_mounts = watch->now_mounts;
    watch->now_mounts = last_mounts;
    watch->last_ns = watch->now_ns;
}
