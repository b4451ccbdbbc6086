/* The procfs floor: /proc read by the leanest C that we know. */
#ifndef FLOOR_PROCFS_H
#define FLOOR_PROCFS_H

#include <stdint.h>

/* fixed part; then gids u32[ngid], label, cgroup, exe, cmdline; padded to 8 */
struct rec {
    uint32_t size, pid, ppid, flags;
    uint64_t start, hash;
    uint64_t cap[5];         // inh prm eff bnd amb
    uint32_t uid[4], gid[4]; // real effective saved fs
    uint32_t ns[7];          // mnt pid net ipc uts user cgroup
    uint32_t nspid, nslevel, threads;
    uint8_t nnp, seccomp, state, rootro;
    uint16_t ngid, label, cgroup, exe, cmdline, spare;
};

enum { F_DIRFD = 1, F_STATUS = 2, F_NSSTAT = 4, F_NOSTAT = 8 };

struct set {
    uint32_t k[4096];
    uint8_t v[4096];
};
struct ctx {
    int procfd;
    unsigned flags;
    long syscalls, bytes;
    struct set mnt, usr;
    char io[1 << 17], ln[4200];
};

/* The pids of /proc, up to max of them. */
int floor_list(struct ctx *c, int *pids, int max);

/* Reads a process to out. Returns bytes written, 0: gone. */
long floor_read(struct ctx *c, int pid, char *out);

#endif
