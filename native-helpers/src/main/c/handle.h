/* What a handle holds between calls. */
#ifndef HANDLE_H
#define HANDLE_H

#include "delta.h"
#include "idle.h"
#include "procfs.h"
#include "watch.h"

#include <stdatomic.h>
#include <stdbool.h>

/* All zero is an empty one. */
struct thread_list {
    struct nh_thread *threads;
    size_t count;
    size_t capacity;
};

struct handle {
    atomic_flag busy;
    int root;    /* the proc root */
    bool procfs; /* ... is a mounted one */
    size_t cmdline_max;
    uint64_t scans;
    struct pid_list pids;         /* the processes of a scan */
    struct pid_list tids;         /* the threads of the process being read */
    struct thread_list differing; /* those of them that differ */
    struct scratch file;          /* the file being read */
    struct scratch status;        /* the leader's status while its threads are compared with it */
    struct delta delta;
    struct watch watch;
    struct idle idle;
    uint64_t unseen_mounts; /* times that nobody looked whether mounts changed */
};

#endif
