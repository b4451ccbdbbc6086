/* The functions of plumbline.h: arguments are checked here, and nowhere below. */
#define _GNU_SOURCE
#include "area.h"
#include "events.h"
#include "file.h"
#include "handle.h"
#include "scan.h"
#include "sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CHANGES_ALONE (NH_BY_ITERATOR | NH_BY_SCHEDSTAT)
#define SCAN_MODES (NH_DELTA | CHANGES_ALONE | NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES | NH_WITH_TIME_NS)

static struct handle *from_number(int64_t number)
{
    return number > 0 ? (struct handle *)(intptr_t)number : NULL;
}

/* Returns 0, or -errno if this call must not be. */
static int begin(struct handle *h)
{
    if (h == NULL) {
        return -EINVAL;
    }
    return atomic_flag_test_and_set(&h->busy) ? -EBUSY : 0;
}

static int64_t end(struct handle *h, int64_t result)
{
    atomic_flag_clear(&h->busy);
    return result;
}

static bool is_buffer(const void *out, int64_t capacity, size_t least)
{
    return out != NULL && ((uintptr_t)out & 7) == 0 && capacity >= (int64_t)least;
}

static struct area area_of(void *out, int64_t capacity)
{
    return (struct area){out, capacity > UINT32_MAX ? UINT32_MAX & ~(size_t)7 : (size_t)capacity & ~(size_t)7, 0};
}

int nh_abi(void)
{
    return NH_ABI;
}

int64_t nh_open(const char *proc_root, int32_t cmdline_max, int32_t flags)
{
    struct statfs fs;
    if (proc_root == NULL || cmdline_max < 0 || cmdline_max > NH_FILE_MAX || flags != 0) {
        return -EINVAL;
    }
    int root = open(proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        return -errno;
    }
    struct handle *h = calloc(1, sizeof *h);
    if (h == NULL) {
        close(root);
        return -ENOMEM;
    }
    atomic_flag_clear(&h->busy);
    h->root = root;
    h->procfs = fstatfs(root, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC;
    h->cmdline_max = (size_t)cmdline_max;
    if (getrandom(h->delta.key, sizeof h->delta.key, 0) != sizeof h->delta.key) {
        int error = -errno;
        nh_close((int64_t)(intptr_t)h);
        return error;
    }
    return (int64_t)(intptr_t)h;
}

int nh_close(int64_t handle)
{
    struct handle *h = from_number(handle);
    int error = begin(h);
    if (error < 0) {
        return error;
    }
    close(h->root);
    pid_list_free(&h->pids);
    pid_list_free(&h->tids);
    scratch_free(&h->file);
    scratch_free(&h->status);
    delta_free(&h->delta);
    watch_close(&h->watch);
    idle_free(&h->idle);
    free(h->differing.threads);
    free(h);
    return 0;
}

/* Tries the way of every scan as far as the first process that is still there. */
static struct nh_backend probe_procfs(struct handle *h)
{
    struct nh_backend result = {.backend = NH_BACKEND_PROCFS, .features = h->procfs ? NH_FEATURE_PROCFS : 0};
    struct span text;
    int error = procfs_list(h->root, &h->file, &h->pids);
    if (error < 0 || h->pids.count == 0) {
        result.error = error < 0 ? -error : ENOENT;
        result.step = NH_STEP_LIST;
        return result;
    }
    for (size_t i = 0; i < h->pids.count; i++) {
        CLOSES int dir = procfs_open_pid(h->root, h->pids.pids[i]);
        error = dir < 0 ? dir : procfs_read_record(dir, "stat", &h->file, &text);
        result.error = -error;
        result.step = error == 0 ? 0 : dir < 0 ? NH_STEP_OPEN : NH_STEP_READ;
        if (!IS_GONE(error)) {
            break;
        }
    }
    return result;
}

int64_t nh_probe(int64_t handle, void *out, int64_t capacity)
{
    struct handle *h = from_number(handle);
    if (!is_buffer(out, capacity, 0)) {
        return -EINVAL;
    }
    if (capacity < (int64_t)sizeof(struct nh_backend)) {
        return -ENOSPC;
    }
    int error = begin(h);
    if (error < 0) {
        return error;
    }
    struct nh_backend procfs = probe_procfs(h);
    memcpy(out, &procfs, sizeof procfs);
    return end(h, sizeof procfs);
}

int nh_iterator_open(int64_t handle, void *why, int64_t capacity)
{
    struct handle *h = from_number(handle);
    if (why == NULL || capacity <= 0) {
        return -EINVAL;
    }
    int error = begin(h);
    if (error < 0) {
        return error;
    }
    ((char *)why)[0] = '\0';
    return (int)end(h, watch_open(h, why, (size_t)capacity));
}

int64_t nh_scan(int64_t handle, int32_t mode, void *out, int64_t capacity)
{
    struct handle *h = from_number(handle);
    if (!is_buffer(out, capacity, sizeof(struct nh_header)) || (mode & ~SCAN_MODES) != 0
            || ((mode & CHANGES_ALONE) != 0 && (mode & NH_DELTA) == 0)) {
        return -EINVAL;
    }
    int error = begin(h);
    if (error < 0) {
        return error;
    }
    struct area area = area_of(out, capacity);
    if ((mode & NH_BY_ITERATOR) != 0 && h->watch.open) {
        int64_t length = scan_watched(h, mode, &area);
        if (length != -EAGAIN) {
            return end(h, length);
        }
    }
    error = procfs_list(h->root, &h->file, &h->pids);
    return end(h, error < 0 ? error : scan_pids(h, mode, true, &area));
}

static bool are_pids(const int32_t *pids, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        if (pids == NULL || pids[i] <= 0) {
            return false;
        }
    }
    return count >= 0;
}

static void doubt(struct handle *h, const int32_t *pids, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        delta_doubt(&h->delta, pids[i]);
    }
}

int nh_doubt(int64_t handle, const int32_t *pids, int32_t count)
{
    struct handle *h = from_number(handle);
    if (!are_pids(pids, count)) {
        return -EINVAL;
    }
    int error = begin(h);
    if (error < 0) {
        return error;
    }
    doubt(h, pids, count);
    return (int)end(h, 0);
}

/* Replaces h->pids by these, in order and each once. */
static int take_pids(struct handle *h, const int32_t *pids, int32_t count)
{
    h->pids.count = 0;
    for (int32_t i = 0; i < count; i++) {
        int error = pid_list_add(&h->pids, pids[i]);
        if (error < 0) {
            return error;
        }
    }
    pid_list_sort(&h->pids);
    return 0;
}

int64_t nh_detail(int64_t handle, int32_t mode, const int32_t *pids, int32_t count, void *out, int64_t capacity)
{
    struct handle *h = from_number(handle);
    if (!is_buffer(out, capacity, sizeof(struct nh_header)) || (mode & ~SCAN_MODES) != 0
            || (mode & (NH_DELTA | CHANGES_ALONE)) != 0 || !are_pids(pids, count)) {
        return -EINVAL;
    }
    int error = begin(h);
    if (error < 0) {
        return error;
    }
    struct area area = area_of(out, capacity);
    doubt(h, pids, count);
    error = take_pids(h, pids, count);
    return end(h, error < 0 ? error : scan_pids(h, mode, false, &area));
}

int64_t nh_read(int64_t handle, int32_t pid, uint64_t start_time, int32_t which, void *out, int64_t capacity)
{
    struct handle *h = from_number(handle);
    if (pid <= 0 || which < NH_READ_MOUNTINFO || which >= NH_READ_END || capacity < 0
            || (out == NULL && capacity > 0)) {
        return -EINVAL;
    }
    int error = begin(h);
    return error < 0 ? error : end(h, file_read(h, pid, start_time, which, out, (size_t)capacity));
}

static int64_t sysctl_of(struct handle *h, int32_t pid, uint64_t start_time, struct span names, struct area *area)
{
    if (!h->procfs) {
        return -EOPNOTSUPP;
    }
    CLOSES int dir = file_open_process(h, pid, start_time);
    return dir < 0 ? dir : sysctl_read(h, dir, names, area);
}

int64_t nh_sysctl(int64_t handle, int32_t pid, uint64_t start_time, const char *names, int64_t names_length, void *out,
        int64_t capacity)
{
    struct handle *h = from_number(handle);
    if (pid <= 0 || names == NULL || names_length <= 0 || names[names_length - 1] != '\0'
            || !is_buffer(out, capacity, 0)) {
        return -EINVAL;
    }
    int error = begin(h);
    if (error < 0) {
        return error;
    }
    struct area area = area_of(out, capacity);
    struct span list = {names, (size_t)names_length};
    return end(h, sysctl_of(h, pid, start_time, list, &area));
}

static struct events *events_from_number(int64_t number)
{
    return number > 0 ? (struct events *)(intptr_t)number : NULL;
}

int64_t nh_events_open(const char *proc_root, int32_t buffer, void *out, int64_t capacity)
{
    struct nh_backend result;
    if (proc_root == NULL || buffer < 0 || !is_buffer(out, capacity, sizeof result)) {
        return -EINVAL;
    }
    memset(out, 0, sizeof result);
    int root = open(proc_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) {
        return -errno;
    }
    struct events *events = calloc(1, sizeof *events);
    if (events == NULL) {
        close(root);
        return -ENOMEM;
    }
    events->root = root;
    int error = connector_open(&events->connector, root, buffer, &result);
    memcpy(out, &result, sizeof result);
    if (error < 0) {
        events_close(events);
        free(events);
        return error;
    }
    atomic_flag_clear(&events->busy);
    return (int64_t)(intptr_t)events;
}

int nh_events_ring(int64_t number, int32_t bytes, void *why, int64_t capacity)
{
    struct events *events = events_from_number(number);
    bool is_power = bytes > 0 && (bytes & (bytes - 1)) == 0;
    if (events == NULL || !is_power || bytes < sysconf(_SC_PAGESIZE) || why == NULL || capacity <= 0) {
        return -EINVAL;
    }
    if (atomic_flag_test_and_set(&events->busy)) {
        return -EBUSY;
    }
    struct reason reason = {why, (size_t)capacity};
    reason.text[0] = '\0';
    int error = events_by_ring(events, (uint32_t)bytes, &reason);
    atomic_flag_clear(&events->busy);
    return error;
}

int64_t nh_events_read(int64_t number, void *out, int64_t capacity, int32_t timeout_ms)
{
    struct events *events = events_from_number(number);
    if (events == NULL || !is_buffer(out, capacity, sizeof(struct nh_events)) || timeout_ms < 0) {
        return -EINVAL;
    }
    if (capacity < (int64_t)(sizeof(struct nh_events) + sizeof(struct nh_event))) {
        return -ENOSPC;
    }
    if (atomic_flag_test_and_set(&events->busy)) {
        return -EBUSY;
    }
    struct area area = area_of(out, capacity);
    int error = events_read(events, &area, timeout_ms);
    atomic_flag_clear(&events->busy);
    return error < 0 ? error : (int64_t)area.used;
}

int nh_events_close(int64_t number)
{
    struct events *events = events_from_number(number);
    if (events == NULL) {
        return -EINVAL;
    }
    if (atomic_flag_test_and_set(&events->busy)) {
        return -EBUSY;
    }
    events_close(events);
    free(events);
    return 0;
}
