/* In which namespaces a process or a thread is: the links of its directory ns/, namespaces(7). */
#ifndef NAMESPACES_H
#define NAMESPACES_H

#include "procfs.h"

#include <stdint.h>

#define NAMESPACES_ALL ((1u << NH_NS_COUNT) - 1)

/*
 * Those in which a thread may be without its process, by setns(2) or unshare(2): the kernel moves into another user or
 * time namespace only who has no other threads, and into another pid namespace only children.
 */
#define NAMESPACES_OF_THREADS                                                                                          \
    (1u << NH_NS_CGROUP | 1u << NH_NS_IPC | 1u << NH_NS_MNT | 1u << NH_NS_NET | 1u << NH_NS_UTS)

/* Reads those of kinds, bits counted as NH_NS_; the others are NH_SKIPPED. errors: as nh_record.err. */
void namespaces_read(
        int dir, uint32_t kinds, struct scratch *scratch, uint32_t inodes[NH_NS_COUNT], uint16_t errors[NH_NS_COUNT]);

#endif
