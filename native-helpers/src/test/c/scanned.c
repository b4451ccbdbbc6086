#include "scanned.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const namespace_links[NH_NS_COUNT] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

static struct scanned scan(int64_t handle, int32_t mode, const int32_t *pids, int32_t count)
{
    size_t capacity = sizeof(struct nh_header);
    for (;;) {
        struct scanned result = {.buffer = malloc(capacity)};
        result.length = pids != NULL ? nh_detail(handle, mode, pids, count, result.buffer, (int64_t)capacity)
                                     : nh_scan(handle, mode, result.buffer, (int64_t)capacity);
        if (result.length != -ENOSPC) {
            if (result.length >= 0) {
                memcpy(&result.header, result.buffer, sizeof result.header);
            }
            return result;
        }
        memcpy(&result.header, result.buffer, sizeof result.header);
        capacity = result.header.needed;
        free(result.buffer);
    }
}

struct scanned scan_all(int64_t handle, int32_t mode)
{
    return scan(handle, mode, NULL, 0);
}

struct scanned scan_some(int64_t handle, int32_t mode, const int32_t *pids, int32_t count)
{
    return scan(handle, mode, pids, count);
}

struct scanned scan_proc(int32_t mode)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned scanned = scan_all(handle, mode);
    nh_close(handle);
    return scanned;
}

void scanned_free(struct scanned *scanned)
{
    free(scanned->buffer);
    *scanned = (struct scanned){0};
}

static const struct nh_record *record_at(const struct scanned *scanned, uint32_t index)
{
    return (const struct nh_record *)(scanned->buffer + sizeof(struct nh_header)) + index;
}

const struct nh_record *scanned_find(const struct scanned *scanned, int32_t pid)
{
    for (uint32_t i = 0; i < scanned->header.changed; i++) {
        if (record_at(scanned, i)->pid == pid) {
            return record_at(scanned, i);
        }
    }
    return NULL;
}

static bool is_within(const struct scanned *scanned, struct nh_item item, size_t unit)
{
    size_t first = sizeof(struct nh_header) + scanned->header.changed * sizeof(struct nh_record);
    if (item.length == 0) {
        return item.offset == 0;
    }
    return item.offset >= first && item.offset % 8 == 0 && item.length % unit == 0
            && item.offset + (uint64_t)item.length <= (uint64_t)scanned->length;
}

struct span scanned_item(const struct scanned *scanned, struct nh_item item)
{
    if (!is_within(scanned, item, 1)) {
        fprintf(stderr, "item %u+%u is not within %ld bytes\n", item.offset, item.length, (long)scanned->length);
        abort();
    }
    return (struct span){scanned->buffer + item.offset, item.length};
}

static bool record_is_sound(const struct scanned *scanned, const struct nh_record *record)
{
    bool sound = is_within(scanned, record->comm, 1) && is_within(scanned, record->groups, 4)
            && is_within(scanned, record->nspid, 4) && is_within(scanned, record->cgroup, 1)
            && is_within(scanned, record->label, 1) && is_within(scanned, record->exe, 1)
            && is_within(scanned, record->cmdline, 1)
            && is_within(scanned, record->threads_differing, sizeof(struct nh_thread));
    if (sound) {
        struct span list = scanned_item(scanned, record->threads_differing);
        const struct nh_thread *threads = (const struct nh_thread *)list.start;
        for (size_t i = 0; i < list.length / sizeof *threads; i++) {
            sound = sound && is_within(scanned, threads[i].groups, 4);
        }
    }
    return sound;
}

bool scanned_is_sound(const struct scanned *scanned)
{
    const struct nh_header *h = &scanned->header;
    if (scanned->length < 0 || h->magic != NH_MAGIC || h->abi != NH_ABI
            || (h->backend != NH_BACKEND_PROCFS && h->backend != NH_BACKEND_ITERATOR)
            || h->record_size != sizeof(struct nh_record) || h->needed != (uint64_t)scanned->length
            || h->changed > h->total || h->lost != 0) {
        printf("unsound header, or error %ld\n", (long)scanned->length);
        return false;
    }
    for (uint32_t i = 0; i < h->changed; i++) {
        const struct nh_record *record = record_at(scanned, i);
        if (!record_is_sound(scanned, record) || (i > 0 && record[-1].pid >= record->pid)) {
            printf("unsound record of pid %d\n", record->pid);
            return false;
        }
    }
    return is_within(scanned, (struct nh_item){h->ended_offset, 4 * h->ended_count}, 4);
}
