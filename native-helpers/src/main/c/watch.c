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
    watched_free(&watch->last);
    watched_free(&watch->now);
    watched_free(&watch->threads);
    free(watch->last_mounts.entries);
    free(watch->now_mounts.entries);
    *watch = (struct watch){0};
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
    list->entries[low] = (struct watched_mounts){hash_words(key, state, sizeof state), inode, false};
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
            .doubtful = print->exit_state != 0, /* one that has ended before its threads is told by them */
    };
    return watched_add(print->tgid == print->tid ? &watch->now : &watch->threads, entry);
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

/* A thread that is not as its leader is part of its process's fingerprint, in whichever order they are shown. */
static void add_threads(struct watch *watch)
{
    for (size_t i = 0; i < watch->threads.count; i++) {
        const struct watched *thread = &watch->threads.entries[i];
        struct watched *leader = watched_find(&watch->now, thread->pid);
        if (leader != NULL) {
            leader->hash += thread->hash;
        }
    }
}

static void compare_mounts(struct watch *watch)
{
    const struct mounts_list *last = &watch->last_mounts;
    size_t before = 0;
    bool changed = !watch->has_mount_events;
    for (size_t i = 0; i < watch->now_mounts.count && watch->has_mount_events; i++) {
        struct watched_mounts *mounts = &watch->now_mounts.entries[i];
        while (before < last->count && last->entries[before].inode < mounts->inode) {
            before++;
        }
        mounts->changed = before < last->count && last->entries[before].inode == mounts->inode
                && last->entries[before].hash != mounts->hash;
        changed = changed || mounts->changed;
    }
    watch->now_mount_changes = watch->mount_changes + changed;
}

/* Returns how many there are; inodes is NULL to count them. */
static size_t changed_mounts(const struct watch *watch, uint32_t *inodes)
{
    size_t count = 0;
    for (size_t i = 0; i < watch->now_mounts.count; i++) {
        if (watch->now_mounts.entries[i].changed) {
            if (inodes != NULL) {
                inodes[count] = watch->now_mounts.entries[i].inode;
            }
            count++;
        }
    }
    return count;
}

struct nh_item watch_changed_mounts(const struct watch *watch, struct area *area)
{
    struct nh_item item;
    uint32_t *inodes = area_reserve(area, changed_mounts(watch, NULL) * sizeof *inodes, &item);
    if (inodes != NULL) {
        changed_mounts(watch, inodes);
    }
    return item;
}

static bool is_there(int root, int32_t pid)
{
    CLOSES int process = procfs_open_pid(root, pid);
    return process >= 0;
}

/*
 * Who is not shown and is there all the same is read each time, unless the most of him may not be read: then again and
 * again would cost more than all others together.
 */
static int add_unshown(struct handle *h, uint64_t now_ns)
{
    struct watch *watch = &h->watch;
    bool all = now_ns - watch->listed_ns >= WATCH_RELIST_NS;
    int error = all ? procfs_list(h->root, &h->file, &h->pids) : 0;
    size_t at = 0;
    size_t count = all ? h->pids.count : h->delta.last.count;
    for (size_t i = 0; i < count && error == 0; i++) {
        int32_t pid = all ? h->pids.pids[i] : h->delta.last.entries[i].pid;
        while (at < watch->now.count && watch->now.entries[at].pid < pid) {
            at++;
        }
        if ((at == watch->now.count || watch->now.entries[at].pid != pid) && is_there(h->root, pid)) {
            const struct seen *seen = delta_last(&h->delta, pid);
            bool doubtful = seen == NULL || !seen->refused;
            error = watched_insert(&watch->now, at, (struct watched){.pid = pid, .doubtful = doubtful});
        }
    }
    watch->now_listed_ns = all ? now_ns : watch->listed_ns;
    return error;
}

static int look(struct handle *h, uint64_t now_ns)
{
    struct watch *watch = &h->watch;
    watch->now.count = 0;
    watch->threads.count = 0;
    watch->now_mounts.count = 0;
    watch->now_ns = now_ns;
    int run = bpf_run_iterator(watch->link);
    if (run < 0) {
        return run;
    }
    int error = read_prints(watch, h->delta.key, run);
    close(run);
    if (error < 0) {
        return error;
    }
    watched_put_in_order(&watch->now);
    add_threads(watch);
    error = add_unshown(h, now_ns);
    if (error < 0) {
        return error;
    }
    struct watched_turn turn = {WATCH_REREAD_NS, watch->last_ns, now_ns};
    watched_compare(&watch->now, &watch->last, &h->delta, turn);
    compare_mounts(watch);
    return 0;
}

int watch_look(struct handle *h, uint64_t now_ns)
{
    h->watch.error = look(h, now_ns);
    return h->watch.error;
}

void watch_forget(struct watch *watch)
{
    watch->last.count = 0;
}

void watch_commit(struct watch *watch)
{
    watched_swap(&watch->last, &watch->now);
    struct mounts_list last_mounts = watch->last_mounts;
    watch->last_mounts = watch->now_mounts;
    watch->now_mounts = last_mounts;
    watch->mount_changes = watch->now_mount_changes;
    watch->last_ns = watch->now_ns;
    watch->listed_ns = watch->now_listed_ns;
}
