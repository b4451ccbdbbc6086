/* Sysctls as the namespaces of another process have them. */
#ifndef SYSCTL_H
#define SYSCTL_H

#include "area.h"
#include "handle.h"

/* As nh_sysctl, into area. dir: the process's directory. names end with a NUL. */
int64_t sysctl_read(struct handle *h, int dir, struct span names, struct area *area);

#endif
