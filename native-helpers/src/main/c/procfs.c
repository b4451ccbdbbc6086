#define _GNU_SOURCE
#include "procfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Room for any file of an ordinary process in one read, and for 2,000 entries of a directory. */
#define FIRST_CAPACITY ((size_t)64 << 10)

void scratch_free(struct scratch *scratch)
{
    free(scratch->bytes);
    *scratch = (struct scratch){0};
}

static int scratch_grow(struct scratch *scratch)
{
    size_t capacity = scratch->capacity == 0 ? FIRST_CAPACITY : 2 * scratch->capacity;
    char *bytes = realloc(scratch->bytes, capacity);
    if (bytes == NULL) {
        return -ENOMEM;
    }
    *scratch = (struct scratch){bytes, capacity};
    return 0;
}

void pid_list_free(struct pid_list *list)
{
    free(list->pids);
    *list = (struct pid_list){0};
}

int pid_list_add(struct pid_list *list, int32_t pid)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 1024 : 2 * list->capacity;
        int32_t *pids = realloc(list->pids, capacity * sizeof *pids);
        if (pids == NULL) {
            return -ENOMEM;
        }
        list->pids = pids;
        list->capacity = capacity;
    }
    list->pids[list->count++] = pid;
    return 0;
}

static int ascending(const void *left, const void *right)
{
    int32_t a = *(const int32_t *)left;
    int32_t b = *(const int32_t *)right;
    return (a > b) - (a < b);
}

void pid_list_sort(struct pid_list *list)
{
    size_t kept = 0;
    if (list->count > 1) {
        qsort(list->pids, list->count, sizeof *list->pids, ascending);
    }
    for (size_t i = 0; i < list->count; i++) {
        if (kept == 0 || list->pids[kept - 1] != list->pids[i]) {
            list->pids[kept++] = list->pids[i];
        }
    }
    list->count = kept;
}

bool pid_list_has(const struct pid_list *list, int32_t pid)
{
    return list->count > 0 && bsearch(&pid, list->pids, list->count, sizeof *list->pids, ascending) != NULL;
}

int procfs_list(int dir, struct scratch *scratch, struct pid_list *list)
{
    bool sorted = true;
    list->count = 0;
    if (scratch->capacity == 0 && scratch_grow(scratch) < 0) {
        return -ENOMEM;
    }
    if (lseek(dir, 0, SEEK_SET) < 0) {
        return -errno;
    }
    for (;;) {
        ssize_t length = getdents64(dir, scratch->bytes, scratch->capacity);
        if (length < 0) {
            return -errno;
        }
        if (length == 0) {
            break;
        }
        for (ssize_t at = 0; at < length;) {
            const struct dirent64 *entry = (const struct dirent64 *)(scratch->bytes + at);
            int32_t pid = parse_pid(entry->d_name);
            at += entry->d_reclen;
            if (pid == 0 || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN)) {
                continue;
            }
            sorted = sorted && (list->count == 0 || list->pids[list->count - 1] < pid);
            if (pid_list_add(list, pid) < 0) {
                return -ENOMEM;
            }
        }
    }
    if (!sorted) { /* procfs lists in order, a captured tree does not */
        pid_list_sort(list);
    }
    return 0;
}

int procfs_open_pid(int dir, int32_t pid)
{
    char name[12];
    char *at = name + sizeof name;
    *--at = '\0';
    for (uint32_t rest = (uint32_t)pid; rest != 0; rest /= 10) {
        *--at = (char)('0' + rest % 10);
    }
    int fd = openat(dir, at, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int procfs_open_file(int dir, const char *name)
{
    int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Reads on until nothing comes, or, with one_piece, until a read leaves room. */
static int read_all(int fd, size_t limit, bool one_piece, struct scratch *scratch, struct span *ret)
{
    size_t length = 0;
    while (length < limit) {
        if (length == scratch->capacity && scratch_grow(scratch) < 0) {
            return -ENOMEM;
        }
        size_t room = scratch->capacity - length;
        if (room > limit - length) {
            room = limit - length;
        }
        ssize_t got = read(fd, scratch->bytes + length, room);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -errno;
        }
        length += (size_t)got;
        if (got == 0 || (one_piece && (size_t)got < room)) {
            break;
        }
    }
    *ret = (struct span){scratch->bytes, length};
    return 0;
}

static int read_whole(int dir, const char *name, bool one_piece, struct scratch *scratch, struct span *ret)
{
    struct span read;
    CLOSES int fd = procfs_open_file(dir, name);
    int error = fd < 0 ? fd : read_all(fd, (size_t)NH_FILE_MAX + 1, one_piece, scratch, &read);
    if (error < 0) {
        return error;
    }
    if (read.length > NH_FILE_MAX) {
        return -EFBIG;
    }
    *ret = read;
    return 0;
}

int procfs_read_record(int dir, const char *name, struct scratch *scratch, struct span *ret)
{
    return read_whole(dir, name, true, scratch, ret);
}

int procfs_read_start(int dir, const char *name, size_t limit, struct scratch *scratch, struct span *ret)
{
    CLOSES int fd = procfs_open_file(dir, name);
    return fd < 0 ? fd : read_all(fd, limit, true, scratch, ret);
}

int procfs_read_file(int dir, const char *name, struct scratch *scratch, struct span *ret)
{
    return read_whole(dir, name, false, scratch, ret);
}

int procfs_read_link(int dir, const char *name, struct scratch *scratch, struct span *ret)
{
    if (scratch->capacity == 0 && scratch_grow(scratch) < 0) {
        return -ENOMEM;
    }
    ssize_t length = readlinkat(dir, name, scratch->bytes, scratch->capacity); /* no link is as long as that */
    if (length < 0) {
        return -errno;
    }
    *ret = (struct span){scratch->bytes, (size_t)length};
    return 0;
}

int procfs_file_id(int dir, const char *name, struct nh_file_id *ret)
{
    struct statx found;
    if (statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO | STATX_MNT_ID, &found) < 0) {
        return -errno;
    }
    *ret = (struct nh_file_id){found.stx_dev_major, found.stx_dev_minor, found.stx_ino,
            (found.stx_mask & STATX_MNT_ID) != 0 ? found.stx_mnt_id : 0};
    return 0;
}

int procfs_mount(int dir, const char *name, uint64_t *ret)
{
    struct nh_file_id id = {0};
    int error = procfs_file_id(dir, name, &id);
    *ret = id.mount_id;
    return error;
}
