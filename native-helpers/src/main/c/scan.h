/* Many processes into one buffer. */
#ifndef SCAN_H
#define SCAN_H

#include "area.h"
#include "handle.h"

/*
 * Reads the processes in h->pids. Returns bytes written or -errno, as nh_scan. Without remember NH_DELTA knows nothing
 * of it.
 */
int64_t scan_pids(struct handle *h, int mode, bool remember, struct area *area);

/*
 * The same for all processes that the iterator shows; only those that may have changed are read. Returns -EAGAIN if the
 * iterator cannot be used this time.
 */
int64_t scan_watched(struct handle *h, int mode, struct area *area);

#endif
