/* The threads of a process: those that are not as their leader, and those that outlive it. */
#ifndef THREADS_H
#define THREADS_H

#include "area.h"
#include "handle.h"
#include "parse.h"

#include <stdbool.h>

/* Opens task/ and lists it in h->tids. Returns a descriptor, or -errno. */
int threads_list(struct handle *h, int dir);

/*
 * Compares all threads with what was read of their process: with the leader's status, whose spans must not be in h->file,
 * and with the record's namespaces and directories. Threads that end meanwhile are left out. Sets record->threads_differing: a struct
 * nh_thread for each that differs or cannot be read. Returns 0, or -errno if the threads could not be listed.
 */
int threads_compare(struct handle *h, int dir, const struct status_fields *leader, struct area *own,
        struct nh_record *record);

/* Opens the directory of the first thread that has not ended. Returns a descriptor, or -errno. */
int threads_open_living(struct handle *h, int dir, int32_t pid, int32_t *ret_tid);

/* Of an open thread's directory. */
bool threads_is_living(struct handle *h, int thread);

#endif
