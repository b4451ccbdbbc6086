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

#endif
