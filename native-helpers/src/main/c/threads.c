#define _GNU_SOURCE
#include "threads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int threads_list(struct handle *h, int dir)
{
    int task = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (task < 0) {
        return -errno;
    }
    int error = procfs_list(task, &h->file, &h->tids);
    if (error < 0) {
        close(task);
        return error;
    }
    return task;
}

static int thread_list_add(struct thread_list *list, const struct nh_thread *thread)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        struct nh_thread *threads = realloc(list->threads, capacity * sizeof *threads);
        if (threads == NULL) {
            return -ENOMEM;
        }
        list->threads = threads;
        list->capacity = capacity;
    }
    list->threads[list->count++] = *thread;
    return 0;
}

static bool same_text(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.start, b.start, a.length) == 0);
}

static uint32_t differences(const struct status_fields *thread, const struct status_fields *leader)
{
    uint32_t differs = 0;
    if (memcmp(thread->uid, leader->uid, sizeof thread->uid) != 0) {
        differs |= NH_DIFFERS_UID;
    }
    if (memcmp(thread->gid, leader->gid, sizeof thread->gid) != 0) {
        differs |= NH_DIFFERS_GID;
    }
    if (!same_text(thread->groups, leader->groups)) {
        differs |= NH_DIFFERS_GROUPS;
    }
    if (memcmp(thread->cap, leader->cap, sizeof thread->cap) != 0) {
        differs |= NH_DIFFERS_CAPABILITIES;
    }
    if (thread->no_new_privs != leader->no_new_privs) {
        differs |= NH_DIFFERS_NO_NEW_PRIVS;
    }
    if (thread->seccomp != leader->seccomp || thread->seccomp_filters != leader->seccomp_filters) {
        differs |= NH_DIFFERS_SECCOMP;
    }
    return differs;
}

/* Returns 0, or -ENOMEM. */
static int compare_thread(struct handle *h, int task, int32_t tid, const struct status_fields *leader, struct area *own)
{
    char name[32];
    struct span text;
    struct status_fields status;
    snprintf(name, sizeof name, "%d/status", tid);
    int error = procfs_read_record(task, name, &h->file, &text);
    if (h->procfs && IS_GONE(error)) {
        return 0;
    }
    if (error == 0) {
        error = parse_status(text, &status);
    }
    struct nh_thread thread = {.tid = tid, .err = (uint16_t)-error};
    if (error == 0) {
        thread.differs = differences(&status, leader);
        if (thread.differs == 0) {
            return 0;
        }
        thread.status_seen = status.seen;
        thread.seccomp_filters = status.seccomp_filters;
        thread.no_new_privs = status.no_new_privs;
        thread.seccomp = status.seccomp;
        memcpy(thread.uid, status.uid, sizeof thread.uid);
        memcpy(thread.gid, status.gid, sizeof thread.gid);
        memcpy(thread.cap, status.cap, sizeof thread.cap);
        thread.groups = area_append_numbers(own, status.groups);
    }
    return thread_list_add(&h->differing, &thread);
}

int threads_compare(struct handle *h, int dir, int32_t pid, const struct status_fields *leader, struct area *own,
        struct nh_item *ret_differing)
{
    CLOSES int task = threads_list(h, dir);
    if (task < 0) {
        return task;
    }
    h->differing.count = 0;
    for (size_t i = 0; i < h->tids.count; i++) {
        if (h->tids.pids[i] == pid) {
            continue;
        }
        int error = compare_thread(h, task, h->tids.pids[i], leader, own);
        if (error < 0) {
            return error;
        }
    }
    *ret_differing = area_append(own, h->differing.threads, h->differing.count * sizeof *h->differing.threads);
    return 0;
}

bool threads_is_living(struct handle *h, int thread)
{
    struct span text;
    struct stat_fields stat;
    int error = procfs_read_record(thread, "stat", &h->file, &text);
    return error == 0 && parse_stat(text, &stat) == 0 && stat.state != 'Z' && stat.state != 'X';
}

int threads_open_living(struct handle *h, int dir, int32_t pid, int32_t *ret_tid)
{
    CLOSES int task = threads_list(h, dir);
    if (task < 0) {
        return task;
    }
    for (size_t i = 0; i < h->tids.count; i++) {
        int thread = h->tids.pids[i] == pid ? -ESRCH : procfs_open_pid(task, h->tids.pids[i]);
        if (thread >= 0 && threads_is_living(h, thread)) {
            *ret_tid = h->tids.pids[i];
            return thread;
        }
        procfs_close(&thread);
    }
    return -ESRCH;
}
