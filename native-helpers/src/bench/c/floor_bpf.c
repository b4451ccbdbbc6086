#define _GNU_SOURCE
#include "floor_bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static unsigned char *B;
static const char *S;
static uint32_t *T;
static int nT, missing;
struct ty {
    uint32_t name, info, size;
};
static struct ty *ty(int id)
{
    return (struct ty *)(B + T[id]);
}
static int kind(struct ty *t)
{
    return t->info >> 24 & 31;
}

static int btf_load(void)
{
    int f = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
    if (f < 0) return -errno;
    struct stat s;
    fstat(f, &s);
    B = malloc(s.st_size);
    long got = 0, r;
    while ((r = read(f, B + got, s.st_size - got)) > 0)
        got += r;
    close(f);
    uint32_t *h = (uint32_t *)B, base = h[1] + h[2], tl = h[3];
    S = (char *)B + h[1] + h[4];
    T = malloc(4 * (tl / 12 + 2));
    nT = 1;
    for (uint32_t o = 0; o < tl;) {
        struct ty *t = (struct ty *)(B + base + o);
        uint32_t v = t->info & 0xffff;
        T[nT++] = base + o;
        o += 12;
        switch (kind(t)) {
        case 1:
        case 14:
        case 17: o += 4; break;
        case 3: o += 12; break;
        case 4:
        case 5:
        case 15:
        case 19: o += 12 * v; break;
        case 6:
        case 13: o += 8 * v; break;
        }
    }
    return 0;
}

static int find(int k, const char *n)
{
    for (int i = 1; i < nT; i++)
        if (kind(ty(i)) == k && !strcmp(S + ty(i)->name, n)) return i;
    return -1;
}

static int member(int id, const char *n)
{
    struct ty *t = ty(id);
    while (kind(t) >= 8 && kind(t) <= 11)
        t = ty(t->size);
    uint32_t *m = (uint32_t *)(t + 1);
    for (uint32_t i = 0; i < (t->info & 0xffff); i++, m += 3) {
        int off = (t->info >> 31 ? m[2] & 0xffffff : m[2]) / 8, k = kind(ty(m[1])), r;
        if (!S[m[0]]) {
            if ((k == 4 || k == 5) && (r = member(m[1], n)) >= 0) return off + r;
        } else if (!strcmp(S + m[0], n))
            return off;
    }
    return -1;
}

static int fld(const char *st, const char *n)
{
    int id = find(4, st), r = id < 0 ? -1 : member(id, n);
    if (r < 0) {
        fprintf(stderr, "floor_scan: BTF has no %s.%s\n", st, n);
        missing = 1;
        return 0;
    }
    return r;
}

static struct bpf_insn P[1024];
static int np;
static void E(int code, int d, int s, int off, int imm)
{
    P[np++] = (struct bpf_insn){code, d, s, off, imm};
}
#define LDX(sz, d, s, o) E(BPF_LDX | BPF_MEM | sz, d, s, o, 0)
#define STX(sz, d, o, s) E(BPF_STX | BPF_MEM | sz, d, s, o, 0)
#define MOVR(d, s) E(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOVI(d, i) E(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADDI(d, i) E(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define CALL(f) E(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define R(f) (-256 + (int)offsetof(struct brec, f))
#define DW BPF_DW
#define W BPF_W
static int jeq0(int r)
{
    E(BPF_JMP | BPF_JEQ | BPF_K, r, 0, 0, 0);
    return np - 1;
}
static void here(int j)
{
    P[j].off = np - j - 1;
}
static void chain(int base, int sz, int dst, int n,
        const int *o) // follow n - 1 pointers from base, store what the last offset holds
{
    int j[8], nj = 0, cur = base;
    for (int i = 0; i < n - 1; i++) {
        LDX(DW, 1, cur, o[i]);
        j[nj++] = jeq0(1);
        cur = 1;
    }
    LDX(sz, 2, cur, o[n - 1]);
    STX(sz, 10, dst, 2);
    while (nj)
        here(j[--nj]);
}
#define CH(base, sz, dst, ...)                                                                                         \
    do {                                                                                                               \
        int o_[] = {__VA_ARGS__};                                                                                      \
        chain(base, sz, dst, sizeof o_ / 4, o_);                                                                       \
    } while (0)

static void body(void)
{
    static const char *t = "task_struct", *c = "cred";
    static const char *caps[] = {"cap_inheritable", "cap_permitted", "cap_effective", "cap_bset", "cap_ambient"};
    static const char *ids[] = {"uid", "gid", "suid", "sgid", "euid", "egid", "fsuid", "fsgid"};
    static const char *nsf[] = {"mnt_ns", "uts_ns", "ipc_ns", "net_ns", "cgroup_ns"};
    static const char *nst[] = {"mnt_namespace", "uts_namespace", "ipc_namespace", "net", "cgroup_namespace"};
    int inum = fld("ns_common", "inum"), root = fld("fs_struct", "root") + fld("path", "mnt");
    MOVI(0, 0);
    for (int i = 0; i < 32; i++)
        STX(DW, 10, -256 + 8 * i, 0);
    STX(W, 10, R(pid), 1);
    STX(W, 10, R(flags), 3);
    CH(6, DW, R(start), fld(t, "start_boottime"));
    CH(6, DW, R(mm), fld(t, "mm"));
    CH(6, W, R(nnp), fld(t, "atomic_flags"));
    CH(6, W, R(seccomp), fld(t, "seccomp") + fld("seccomp", "mode"));
    CH(6, W, R(filters), fld(t, "seccomp") + fld("seccomp", "filter_count"));
    CH(6, DW, R(comm), fld(t, "comm"));
    CH(6, DW, R(comm) + 8, fld(t, "comm") + 8);
    CH(6, W, R(ppid), fld(t, "real_parent"), fld(t, "tgid"));
    CH(6, W, R(threads), fld(t, "signal"), fld("signal_struct", "nr_threads"));
    CH(6, DW, R(cgid), fld(t, "cgroups"), fld("css_set", "dfl_cgrp"), fld("cgroup", "kn"), fld("kernfs_node", "id"));
    LDX(DW, 7, 6, fld(t, "real_cred"));
    int jc = jeq0(7);
    STX(DW, 10, R(cred), 7);
    for (int i = 0; i < 5; i++) {
        CH(7, W, R(cap) + 8 * i, fld(c, caps[i]));
        CH(7, W, R(cap) + 8 * i + 4, fld(c, caps[i]) + 4);
    }
    for (int i = 0; i < 8; i++)
        CH(7, W, R(uid) + 4 * i, fld(c, ids[i]));
    CH(7, W, R(ns) + 20, fld(c, "user_ns"), fld("user_namespace", "ns") + inum);
    LDX(DW, 9, 7, fld(c, "group_info"));
    int jg = jeq0(9);
    LDX(W, 1, 9, fld("group_info", "ngroups"));
    STX(W, 10, R(ngroups), 1);
    int jz = jeq0(1);
    E(BPF_JMP32 | BPF_JLT | BPF_K, 1, 0, 1, 8);
    MOVI(1, 8); // min(ngroups, 8) * 4 bytes
    MOVR(2, 1);
    E(BPF_ALU64 | BPF_LSH | BPF_K, 2, 0, 0, 2);
    E(BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 63);
    E(BPF_JMP | BPF_JGT | BPF_K, 2, 0, 5, 32);
    MOVR(1, 10);
    ADDI(1, R(gids));
    MOVR(3, 9);
    ADDI(3, fld("group_info", "gid"));
    CALL(BPF_FUNC_probe_read_kernel);
    here(jz);
    here(jg);
    here(jc);
    LDX(DW, 9, 6, fld(t, "nsproxy"));
    int jn = jeq0(9);
    for (int i = 0; i < 5; i++)
        CH(9, W, R(ns) + 4 * i, fld("nsproxy", nsf[i]), fld(nst[i], "ns") + inum);
    here(jn);
    LDX(DW, 7, 6, fld(t, "thread_pid")); // the pid namespace: thread_pid->numbers[level]
    int jp = jeq0(7);
    LDX(W, 9, 7, fld("pid", "level"));
    STX(W, 10, R(level), 9);
    MOVR(1, 10);
    ADDI(1, R(pad));
    MOVI(2, 8);
    MOVR(3, 6);
    ADDI(3, fld(t, "thread_pid"));
    CALL(BPF_FUNC_probe_read_kernel);
    LDX(DW, 3, 10, R(pad));
    E(BPF_ALU64 | BPF_AND | BPF_K, 9, 0, 0, 31);
    E(BPF_ALU64 | BPF_LSH | BPF_K, 9, 0, 0, 4); // sizeof(struct upid) is 16
    E(BPF_ALU64 | BPF_ADD | BPF_X, 3, 9, 0, 0);
    ADDI(3, fld("pid", "numbers"));
    MOVR(1, 10);
    ADDI(1, R(pad));
    MOVI(2, 16);
    CALL(BPF_FUNC_probe_read_kernel); // nr, ns
    LDX(W, 1, 10, R(pad));
    STX(W, 10, R(nspid), 1);
    LDX(DW, 3, 10, R(pad) + 8);
    ADDI(3, fld("pid_namespace", "ns") + inum);
    MOVR(1, 10);
    ADDI(1, R(ns) + 24);
    MOVI(2, 4);
    CALL(BPF_FUNC_probe_read_kernel);
    MOVI(1, 0);
    STX(DW, 10, R(pad), 1);
    STX(DW, 10, R(pad) + 8, 1);
    here(jp);
    CH(6, W, R(mntflags), fld(t, "fs"), root, fld("vfsmount", "mnt_flags"));
    CH(6, W, R(sbflags), fld(t, "fs"), root, fld("vfsmount", "mnt_sb"), fld("super_block", "s_flags"));
    CH(6, DW, R(exe_ino), fld(t, "mm"), fld("mm_struct", "exe_file"), fld("file", "f_inode"), fld("inode", "i_ino"));
    CH(6, W, R(exe_dev), fld(t, "mm"), fld("mm_struct", "exe_file"), fld("file", "f_inode"), fld("inode", "i_sb"),
            fld("super_block", "s_dev"));
    MOVR(1, 8);
    MOVR(2, 10);
    ADDI(2, -256);
    MOVI(3, 256);
    CALL(BPF_FUNC_seq_write);
}

static void finger(void)
{
    static const char *w[] = {"start_boottime", "real_cred", "mm", "cgroups", "nsproxy", "fs", "atomic_flags"};
    STX(W, 10, -72, 1);
    STX(W, 10, -68, 3);
    for (int i = 0; i < 7; i++)
        CH(6, DW, -64 + 8 * i, fld("task_struct", w[i]));
    CH(6, W, -8, fld("task_struct", "seccomp") + fld("seccomp", "mode"));
    CH(6, W, -4, fld("task_struct", "seccomp") + fld("seccomp", "filter_count"));
    MOVR(1, 8);
    MOVR(2, 10);
    ADDI(2, -72);
    MOVI(3, 72);
    CALL(BPF_FUNC_seq_write);
}

int floor_iter_open(int fingerprint)
{
    static char log[1 << 16];
    union bpf_attr a;
    int e = btf_load(), pf, lf;
    if (e) return e;
    int func = find(12, "bpf_iter_task"); // BTF_KIND_FUNC
    np = 0;
    LDX(DW, 6, 1, 8); // ctx->task
    int j1 = jeq0(6);
    LDX(DW, 7, 1, 0); // ctx->meta
    LDX(DW, 8, 7, 0); // meta->seq
    LDX(W, 1, 6, fld("task_struct", "tgid"));
    LDX(W, 2, 6, fld("task_struct", "pid"));
    E(BPF_JMP | BPF_JNE | BPF_X, 1, 2, 0, 0);
    int j2 = np - 1; // thread group leaders only
    LDX(W, 3, 6, fld("task_struct", "flags"));
    E(BPF_JMP | BPF_JSET | BPF_K, 3, 0, 0, 0x200000);
    int j3 = np - 1; // PF_KTHREAD
    if (fingerprint)
        finger();
    else
        body();
    here(j1);
    here(j2);
    here(j3);
    MOVI(0, 0);
    E(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
    free(B);
    free(T);
    if (missing || func < 0) return -ENOENT;
    memset(&a, 0, sizeof a);
    a.prog_type = BPF_PROG_TYPE_TRACING;
    a.expected_attach_type = BPF_TRACE_ITER;
    a.attach_btf_id = func;
    a.insns = (uintptr_t)P;
    a.insn_cnt = np;
    a.license = (uintptr_t)"Dual MIT/GPL";
    pf = syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof a);
    if (pf < 0) {
        e = errno;
        a.log_buf = (uintptr_t)log;
        a.log_size = sizeof log;
        a.log_level = 1;
        syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof a);
        fputs(log, stderr);
        return -e;
    }
    memset(&a, 0, sizeof a);
    a.link_create.prog_fd = pf;
    a.link_create.attach_type = BPF_TRACE_ITER;
    lf = syscall(SYS_bpf, BPF_LINK_CREATE, &a, sizeof a);
    e = errno;
    close(pf);
    return lf < 0 ? -e : lf;
}

long floor_iter_read(int link, char *buf, long cap, long *syscalls)
{
    union bpf_attr a;
    memset(&a, 0, sizeof a);
    a.iter_create.link_fd = link;
    int f = syscall(SYS_bpf, BPF_ITER_CREATE, &a, sizeof a);
    if (f < 0) return -errno;
    long got = 0, r;
    *syscalls += 2;
    while (got < cap) {
        r = read(f, buf + got, cap - got);
        ++*syscalls;
        if (r < 0 && (errno == EAGAIN || errno == EINTR)) continue;
        if (r <= 0) break;
        got += r;
    }
    close(f);
    return got;
}
