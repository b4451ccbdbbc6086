/* Arguments, buffers, descriptors: what holds for every call. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "handle.h"
#include "scanned.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void a_root_must_be_a_directory(void)
{
    char *root = tree_new();
    char path[256];
    tree_text(root, "file", "");
    snprintf(path, sizeof path, "%s/file", root);
    CHECK_NUMBER(nh_open(path, 0, 0), -ENOTDIR);
    snprintf(path, sizeof path, "%s/nothing", root);
    CHECK_NUMBER(nh_open(path, 0, 0), -ENOENT);
    CHECK_NUMBER(nh_open(NULL, 0, 0), -EINVAL);
    CHECK_NUMBER(nh_open(root, -1, 0), -EINVAL);
    CHECK_NUMBER(nh_open(root, NH_FILE_MAX + 1, 0), -EINVAL);
    CHECK_NUMBER(nh_open(root, 0, 1), -EINVAL);
    CHECK_NUMBER(nh_abi(), NH_ABI);
    tree_remove(root);
}

static void a_probe_names_the_step_that_failed(void)
{
    struct nh_backend backend;
    int64_t handle = nh_open("/proc", 0, 0);
    CHECK_NUMBER(nh_probe(handle, &backend, sizeof backend), sizeof backend);
    CHECK_NUMBER(backend.backend, NH_BACKEND_PROCFS);
    CHECK_NUMBER(backend.error, 0);
    CHECK_NUMBER(backend.step, 0);
    CHECK_NUMBER(backend.features, NH_FEATURE_PROCFS);
    CHECK_NUMBER(nh_probe(handle, &backend, 8), -ENOSPC);
    CHECK_NUMBER(nh_probe(handle, NULL, 16), -EINVAL);
    nh_close(handle);
    char *root = tree_new();
    handle = nh_open(root, 0, 0);
    nh_probe(handle, &backend, sizeof backend);
    CHECK_NUMBER(backend.error, ENOENT);
    CHECK_NUMBER(backend.step, NH_STEP_LIST);
    CHECK_NUMBER(backend.features, 0);
    tree_link(root, "7/stat", "nowhere");
    nh_probe(handle, &backend, sizeof backend);
    CHECK_NUMBER(backend.error, ELOOP);
    CHECK_NUMBER(backend.step, NH_STEP_READ);
    tree_process(root, 6, "sh", 1);
    nh_probe(handle, &backend, sizeof backend);
    CHECK_NUMBER(backend.error, 0);
    nh_close(handle);
    tree_remove(root);
}

/* Every size that is too small leaves what is behind it alone (the sanitizer watches) and tells the same need. */
static void every_buffer_that_is_too_small_learns_how_much_it_takes(void)
{
    char *root = tree_new();
    tree_process(root, 7, "sh", 1);
    tree_process(root, 8, "sh", 1);
    tree_text(root, "8/task/8/status", "");
    tree_text(root, "8/task/9/status", "Groups:\t1 2 3\n");
    tree_text(root, "8/status", "Groups:\t1 2\nThreads:\t2\n");
    int64_t handle = nh_open(root, 4096, 0);
    struct scanned whole = scan_all(handle, NH_WITH_THREADS);
    CHECK(scanned_is_sound(&whole));
    CHECK_NUMBER(scanned_find(&whole, 8)->threads_differing.length, sizeof(struct nh_thread));
    for (int64_t capacity = sizeof(struct nh_header); capacity < whole.length; capacity++) {
        char *buffer = malloc((size_t)capacity);
        struct nh_header header;
        CHECK_NUMBER(nh_scan(handle, NH_WITH_THREADS, buffer, capacity), -ENOSPC);
        memcpy(&header, buffer, sizeof header);
        CHECK_NUMBER(header.needed, whole.length);
        free(buffer);
    }
    scanned_free(&whole);
    nh_close(handle);
    tree_remove(root);
}

static void bad_arguments_are_refused(void)
{
    _Alignas(8) char buffer[4096];
    int32_t pids[] = {1, -1};
    int64_t handle = nh_open("/proc", 0, 0);
    CHECK_NUMBER(nh_scan(handle, 0, NULL, 4096), -EINVAL);
    CHECK_NUMBER(nh_scan(handle, 0, buffer, 63), -EINVAL);
    CHECK_NUMBER(nh_scan(handle, 0, buffer, -1), -EINVAL);
    CHECK_NUMBER(nh_scan(handle, 0, buffer + 4, 4000), -EINVAL);
    CHECK_NUMBER(nh_scan(handle, 0x10, buffer, 4096), -EINVAL);
    CHECK_NUMBER(nh_detail(handle, NH_DELTA, pids, 1, buffer, 4096), -EINVAL);
    CHECK_NUMBER(nh_detail(handle, 0, pids, 2, buffer, 4096), -EINVAL);
    CHECK_NUMBER(nh_detail(handle, 0, pids, -1, buffer, 4096), -EINVAL);
    CHECK_NUMBER(nh_detail(handle, 0, NULL, 1, buffer, 4096), -EINVAL);
    CHECK_NUMBER(nh_detail(handle, 0, NULL, 0, buffer, 4096), sizeof(struct nh_header));
    CHECK_NUMBER(nh_doubt(handle, pids, 2), -EINVAL);
    CHECK_NUMBER(nh_doubt(handle, NULL, 1), -EINVAL);
    CHECK_NUMBER(nh_doubt(handle, NULL, 0), 0);
    CHECK_NUMBER(nh_doubt(0, pids, 1), -EINVAL);
    CHECK_NUMBER(nh_scan(0, 0, buffer, 4096), -EINVAL);
    CHECK_NUMBER(nh_scan(-ENOENT, 0, buffer, 4096), -EINVAL); /* what a failed nh_open returned */
    CHECK_NUMBER(nh_close(0), -EINVAL);
    nh_close(handle);
}

static void a_second_call_at_the_same_time_is_refused(void)
{
    _Alignas(8) char buffer[4096];
    int32_t pid = getpid();
    int64_t handle = nh_open("/proc", 0, 0);
    struct handle *h = (struct handle *)(intptr_t)handle;
    CHECK(!atomic_flag_test_and_set(&h->busy)); /* as if one were under way */
    CHECK_NUMBER(nh_probe(handle, buffer, 4096), -EBUSY);
    CHECK_NUMBER(nh_scan(handle, 0, buffer, 4096), -EBUSY);
    CHECK_NUMBER(nh_detail(handle, 0, &pid, 1, buffer, 4096), -EBUSY);
    CHECK_NUMBER(nh_doubt(handle, &pid, 1), -EBUSY);
    CHECK_NUMBER(nh_read(handle, pid, 0, NH_READ_STAT, buffer, 4096), -EBUSY);
    CHECK_NUMBER(nh_sysctl(handle, pid, 0, "net/x", 6, buffer, 4096), -EBUSY);
    CHECK_NUMBER(nh_close(handle), -EBUSY);
    atomic_flag_clear(&h->busy);
    CHECK(nh_detail(handle, 0, &pid, 1, buffer, 4096) > 0);
    CHECK_NUMBER(nh_close(handle), 0);
}

static void scans_are_numbered_and_timed(void)
{
    int64_t handle = nh_open("/proc", 0, 0);
    struct scanned first = scan_some(handle, 0, &(int32_t){getpid()}, 1);
    struct scanned second = scan_some(handle, 0, &(int32_t){getpid()}, 1);
    CHECK(second.header.scan > first.header.scan);
    CHECK(second.header.monotonic_ns > first.header.monotonic_ns);
    scanned_free(&first);
    scanned_free(&second);
    nh_close(handle);
}

/* Those that stay open in an exec are not ours, but whoever started us may have given us some. */
static int count_descriptors(int *ret_staying)
{
    int count = 0;
    DIR *fds = opendir("/proc/self/fd");
    *ret_staying = 0;
    for (struct dirent *entry; (entry = readdir(fds)) != NULL;) {
        int fd = atoi(entry->d_name);
        if (fd > 2 && fd != dirfd(fds)) {
            count++;
            *ret_staying += (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
        }
    }
    closedir(fds);
    return count;
}

static void no_descriptor_is_left_open(void)
{
    _Alignas(8) char buffer[4096];
    int staying;
    int staying_before;
    int before = count_descriptors(&staying_before);
    int64_t handle = nh_open("/proc", 4096, 0);
    int32_t pids[] = {getpid(), 1 << 30};
    CHECK_NUMBER(count_descriptors(&staying), before + 1);
    CHECK_NUMBER(staying, staying_before);
    nh_probe(handle, buffer, sizeof buffer);
    struct scanned scanned = scan_all(handle, SCAN_ALL);
    scanned_free(&scanned);
    nh_detail(handle, NH_WITH_THREADS, pids, 2, buffer, sizeof buffer);
    nh_read(handle, getpid(), 0, NH_READ_MOUNTINFO, buffer, sizeof buffer);
    nh_read(handle, getpid(), 1, NH_READ_MOUNTINFO, buffer, sizeof buffer);
    nh_read(handle, 1 << 30, 0, NH_READ_MOUNTINFO, buffer, sizeof buffer);
    nh_sysctl(handle, getpid(), 0, "net/x\0kernel/hostname", 22, buffer, sizeof buffer);
    CHECK_NUMBER(count_descriptors(&staying), before + 1);
    nh_close(handle);
    CHECK_NUMBER(count_descriptors(&staying), before);
}

int main(void)
{
    RUN(a_root_must_be_a_directory);
    RUN(a_probe_names_the_step_that_failed);
    RUN(every_buffer_that_is_too_small_learns_how_much_it_takes);
    RUN(bad_arguments_are_refused);
    RUN(a_second_call_at_the_same_time_is_refused);
    RUN(scans_are_numbered_and_timed);
    RUN(no_descriptor_is_left_open);
    return check_result();
}
