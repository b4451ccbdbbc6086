/* A scan's buffer, taken apart with every length checked. */
#ifndef SCANNED_H
#define SCANNED_H

#include "parse.h"
#include "plumbline.h"

#include <stdbool.h>

/* All that a scan can be asked for. */
#define SCAN_ALL (NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES | NH_WITH_TIME_NS)

/* The links of /proc/PID/ns that NH_NS_ counts. */
extern const char *const namespace_links[NH_NS_COUNT];

struct scanned {
    char *buffer;
    int64_t length; /* or -errno */
    struct nh_header header;
};

/* Scans into a buffer of just the size needed, so that a sanitizer sees any step over its end. */
struct scanned scan_all(int64_t handle, int32_t mode);
struct scanned scan_some(int64_t handle, int32_t mode, const int32_t *pids, int32_t count);
/* All of the real /proc, with a handle of its own. */
struct scanned scan_proc(int32_t mode);
void scanned_free(struct scanned *scanned);

/* The record of a pid, or NULL. */
const struct nh_record *scanned_find(const struct scanned *scanned, int32_t pid);

/* What an item holds. Ends the program if it is not within the buffer. */
struct span scanned_item(const struct scanned *scanned, struct nh_item item);

/* Whether header, records and items are as plumbline.h says; prints what is not. */
bool scanned_is_sound(const struct scanned *scanned);

#endif
