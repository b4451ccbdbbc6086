/* A BPF task iterator, assembled here without libbpf or clang; the offsets come from the running kernel's BTF. */
#ifndef FLOOR_BPF_H
#define FLOOR_BPF_H

#include <stdint.h>

struct brec {
    uint32_t pid, flags;
    uint64_t start, cgid, cred, mm, cap[5]; // start in ns since boot
    uint32_t uid, gid, suid, sgid, euid, egid, fsuid, fsgid, nnp, seccomp, filters, ngroups;
    uint32_t ns[7]; // mnt uts ipc net cgroup user pid
    uint32_t level, mntflags, sbflags;
    uint64_t exe_ino;
    uint32_t exe_dev, nspid, ppid, threads;
    char comm[16];
    uint32_t gids[8], pad[4];
};
_Static_assert(sizeof(struct brec) == 256, "brec");

/* Loads the program, which tells a process's whole record or the 72 bytes of its fingerprint. A link's descriptor, or
 * -errno. */
int floor_iter_open(int fingerprint);

/* Runs it once over all processes. Returns bytes read, or -errno. */
long floor_iter_read(int link, char *buf, long cap, long *syscalls);

#endif
