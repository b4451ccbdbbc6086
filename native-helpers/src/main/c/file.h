/* One file of one process, and the process's directory itself. */
#ifndef FILE_H
#define FILE_H

#include "handle.h"

/* Opens a process's directory if the process has this start time, or, with 0, any. Returns a descriptor, or -errno. */
int file_open_process(struct handle *h, int32_t pid, uint64_t start_time);

/* As nh_read. */
int64_t file_read(struct handle *h, int32_t pid, uint64_t start_time, int which, void *out, size_t capacity);

#endif
