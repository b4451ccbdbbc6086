/* Reading below a proc root, all relative to descriptors. Everything returns -errno on failure. */
#ifndef PROCFS_H
#define PROCFS_H

#include "parse.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <unistd.h>

/* A buffer that grows with what it has to hold. All zero is an empty one. */
struct scratch {
    char *bytes;
    size_t capacity;
};

/* The numbers that name processes or threads. All zero is an empty one. */
struct pid_list {
    int32_t *pids;
    size_t count;
    size_t capacity;
};

/*
 * Of any error: the process is no more. ENOENT is what a lookup says once it has been reaped, ESRCH what a read says.
 */
#define IS_GONE(error) ((error) == -ENOENT || (error) == -ESRCH)

#define CLOSES __attribute__((cleanup(procfs_close)))

static inline void procfs_close(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

void scratch_free(struct scratch *scratch);
void pid_list_free(struct pid_list *list);
int pid_list_add(struct pid_list *list, int32_t pid);

/* Puts a list in ascending order, each number once. */
void pid_list_sort(struct pid_list *list);

/* Of a list in ascending order. */
bool pid_list_has(const struct pid_list *list, int32_t pid);

/* Replaces *list by the processes of a proc root, or the threads of a task directory, in ascending order. */
int procfs_list(int dir, struct scratch *scratch, struct pid_list *list);

/* Opens the directory of a process or thread: a handle on just this one, for openat. */
int procfs_open_pid(int dir, int32_t pid);

/* Opens a file, never through a link, never waiting (a captured tree may hold a fifo). */
int procfs_open_file(int dir, const char *name);

/*
 * Reads a file that the kernel makes in one piece (stat, status, cgroup, attr): one read, if there is room, tells all.
 * *ret is in scratch until its next use. -EFBIG beyond NH_FILE_MAX.
 */
int procfs_read_record(int dir, const char *name, struct scratch *scratch, struct span *ret);

/* The same for the first limit bytes. */
int procfs_read_start(int dir, const char *name, size_t limit, struct scratch *scratch, struct span *ret);

/* Reads any file up to its end: the kernel gives long ones (mountinfo, net) in pieces. */
int procfs_read_file(int dir, const char *name, struct scratch *scratch, struct span *ret);

/* The text of a link. */
int procfs_read_link(int dir, const char *name, struct scratch *scratch, struct span *ret);

/* What a link leads to. A file on a network is not asked for its newest attributes: it may never answer. */
int procfs_file_id(int dir, const char *name, struct nh_file_id *ret);

/* The mount that a link leads to: 0 before Linux 5.8, and where it cannot be told. */
int procfs_mount(int dir, const char *name, uint64_t *ret);

#endif
