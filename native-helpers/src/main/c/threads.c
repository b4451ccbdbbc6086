#define _GNU_SOURCE
#include "threads.h"

#include "namespaces.h"

#include <errno.h>
#include <fcntl.h>
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

/* Is a thread in other namespaces than its process? A link that is not there says nothing: it may be on its way out. */
static bool is_elsewhere(const struct nh_thread *thread, const struct nh_record *record, bool *ret_refused)
{
    bool elsewhere = false;
    *ret_refused = false;
    for (int i = 0; i < NH_NS_COUNT; i++) {
        uint16_t error = thread->ns_err[i];
        uint16_t leaders = record->err[NH_ERR_NS + i];
        bool refused = error != 0 && error != ENOENT && error != NH_SKIPPED && error != leaders;
        elsewhere = elsewhere || refused || (error == 0 && (leaders != 0 || thread->ns[i] != record->ns[i]));
        *ret_refused = *ret_refused || refused;
    }
    return elsewhere;
}

/* One that cannot be read says nothing: a thread on its way out leaves its directories too. */
static bool has_other_directories(int dir, struct nh_thread *thread, const struct nh_record *record)
{
    thread->root_err = NH_SKIPPED;
    thread->cwd_err = NH_SKIPPED;
    if (record->err[NH_ERR_ROOT] != 0 || record->err[NH_ERR_CWD] != 0) {
        return false;
    }
    thread->root_err = (uint16_t)-procfs_mount(dir, "root", &thread->root_mount);
    thread->cwd_err = (uint16_t)-procfs_mount(dir, "cwd", &thread->cwd_mount);
    return (thread->root_err == 0 && thread->root_mount != record->root_mount)
            || (thread->cwd_err == 0 && thread->cwd_mount != record->cwd_mount);
}

/* dir: of the thread, or why it could not be opened. Returns 0, or -ENOMEM. */
static int compare_thread(struct handle *h, int dir, int32_t tid, const struct status_fields *leader, struct area *own,
        const struct nh_record *record)
{
    struct span text;
    struct status_fields status;
    int error = dir < 0 ? dir : procfs_read_record(dir, "status", &h->file, &text);
    if (h->procfs && IS_GONE(error)) {
        return 0;
    }
    if (error == 0) {
        error = parse_status(text, &status);
    }
    struct nh_thread thread = {.tid = tid, .err = (uint16_t)-error};
    if (error == 0) {
        bool refused;
        size_t used = own->used;
        thread.status_seen = status.seen;
        thread.seccomp_filters = status.seccomp_filters;
        thread.no_new_privs = status.no_new_privs;
        thread.seccomp = status.seccomp;
        memcpy(thread.uid, status.uid, sizeof thread.uid);
        memcpy(thread.gid, status.gid, sizeof thread.gid);
        memcpy(thread.cap, status.cap, sizeof thread.cap);
        thread.differs = differences(&status, leader);
        thread.groups = area_append_numbers(own, status.groups);
        namespaces_read(dir, NAMESPACES_OF_THREADS, &h->file, thread.ns, thread.ns_err);
        if (is_elsewhere(&thread, record, &refused)) {
            thread.differs |= NH_DIFFERS_NAMESPACES;
        }
        if (has_other_directories(dir, &thread, record)) {
            thread.differs |= NH_DIFFERS_DIRECTORIES;
        }
        bool ended = refused && h->procfs && IS_GONE(procfs_read_record(dir, "stat", &h->file, &text));
        if (thread.differs == 0 || ended) {
            own->used = used;
            return 0;
        }
    }
    return thread_list_add(&h->differing, &thread);
}

int threads_compare(
        struct handle *h, int dir, const struct status_fields *leader, struct area *own, struct nh_record *record)
{
    CLOSES int task = threads_list(h, dir);
    if (task < 0) {
        return task;
    }
    h->differing.count = 0;
    for (size_t i = 0; i < h->tids.count; i++) {
        if (h->tids.pids[i] == record->pid) {
            continue;
        }
        CLOSES int thread = procfs_open_pid(task, h->tids.pids[i]);
        int error = compare_thread(h, thread, h->tids.pids[i], leader, own, record);
        if (error < 0) {
            return error;
        }
    }
    record->threads_differing = area_append(own, h->differing.threads, h->differing.count * sizeof *h->differing.threads);
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
