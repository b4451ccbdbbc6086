#define _GNU_SOURCE
#include "scan.h"

#include "process.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static uint64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/*
 * Reads one process behind all that is there, and keeps it if it is wanted. Returns 0, -ESRCH if it ended, or -ENOMEM.
 */
static int add_process(
        struct process_reader *reader, int32_t pid, bool remember, struct nh_header *header, struct area *area)
{
    struct delta *delta = &reader->handle->delta;
    struct nh_record record;
    struct area own = area_rest(area);
    int error = process_read(reader, pid, &own, &record);
    if (error < 0) {
        return error;
    }
    header->total++;
    bool wanted = true;
    if (area_fits(&own) && area_fits(area)) { /* else the hash stays 0: changed, so counted, and the scan fails */
        process_hash(delta->key, &own, &record);
    }
    if (remember) {
        bool changed;
        if (delta_note(delta, &record, &changed) < 0) {
            return -ENOMEM;
        }
        wanted = changed || (reader->mode & NH_DELTA) == 0;
    }
    if (wanted) {
        size_t slot = sizeof *header + header->changed * sizeof record;
        process_place(&own, area->used, &record);
        if (slot + sizeof record <= area->capacity) {
            memcpy(area->base + slot, &record, sizeof record);
        }
        header->changed++;
        area->used += own.used;
    }
    return 0;
}

/* A process of h->pids is not read if looked, which has the same ones, says that it is as it was. */
static int64_t scan(struct handle *h, int mode, bool remember, const struct watched_list *looked,
        struct nh_header header, struct area *area)
{
    struct process_reader reader = {.handle = h, .mode = mode};
    size_t most = looked != NULL ? looked->changed : h->pids.count;
    header.magic = NH_MAGIC;
    header.abi = NH_ABI;
    header.record_size = sizeof(struct nh_record);
    header.scan = ++h->scans;
    area->used = sizeof header + most * sizeof(struct nh_record); /* items follow where records end at most */
    delta_begin(&h->delta);
    for (size_t i = 0; i < h->pids.count; i++) {
        bool unchanged = looked != NULL && looked->entries[i].unchanged;
        int error = unchanged ? delta_keep(&h->delta, h->pids.pids[i])
                              : add_process(&reader, h->pids.pids[i], remember, &header, area);
        header.total += unchanged;
        if (error == -ESRCH) {
            header.gone++;
        } else if (error < 0) {
            return error;
        }
    }
    if ((mode & NH_DELTA) != 0) {
        struct nh_item ended = delta_ended(&h->delta, area);
        header.ended_offset = ended.offset;
        header.ended_count = (uint32_t)(ended.length / sizeof(int32_t));
    }
    if (header.backend == NH_BACKEND_ITERATOR) {
        struct nh_item mounts = watch_changed_mounts(&h->watch, area);
        header.mounts_offset = mounts.offset;
        header.mounts_count = (uint32_t)(mounts.length / sizeof(uint32_t));
    }
    header.needed = area->used;
    memcpy(area->base, &header, sizeof header);
    if (!area_fits(area)) {
        return -ENOSPC;
    }
    if (remember) {
        delta_commit(&h->delta);
    }
    return (int64_t)area->used;
}

int64_t scan_pids(struct handle *h, int mode, bool remember, struct area *area)
{
    struct nh_header header = {.backend = NH_BACKEND_PROCFS, .monotonic_ns = monotonic_ns()};
    if (remember) {
        h->unseen_mounts++;
        watch_forget(&h->watch);
    }
    header.mount_changes = h->unseen_mounts + h->watch.mount_changes;
    if ((mode & NH_BY_ITERATOR) != 0) {
        header.iterator_error = h->watch.open ? (uint32_t)-h->watch.error : ENODEV;
    }
    if ((mode & NH_BY_SCHEDSTAT) == 0 || !h->procfs) {
        return scan(h, mode, remember, NULL, header, area);
    }
    header.backend = NH_BACKEND_SCHEDSTAT;
    int error = idle_look(h, header.monotonic_ns);
    if (error < 0) {
        return error;
    }
    int64_t length = scan(h, mode, remember, &h->idle.now, header, area);
    if (length >= 0) {
        idle_commit(&h->idle);
    }
    return length;
}

int64_t scan_watched(struct handle *h, int mode, struct area *area)
{
    struct watch *watch = &h->watch;
    struct nh_header header = {.backend = NH_BACKEND_ITERATOR, .monotonic_ns = monotonic_ns()};
    if (watch_look(h, header.monotonic_ns) < 0) {
        return -EAGAIN;
    }
    h->pids.count = 0;
    for (size_t i = 0; i < watch->now.count; i++) {
        if (pid_list_add(&h->pids, watch->now.entries[i].pid) < 0) {
            return -ENOMEM;
        }
    }
    header.mount_changes = h->unseen_mounts + watch->now_mount_changes;
    int64_t length = scan(h, mode, true, &watch->now, header, area);
    if (length >= 0) {
        watch_commit(watch);
    }
    return length;
}
