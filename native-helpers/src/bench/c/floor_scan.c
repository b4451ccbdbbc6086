// floor_scan: the yardstick for "read the security attributes of every process of the node".
//
//   floor_scan [-r REPS] [-w WARMUPS] [-s SLEEP_MS] [-t THREADS] [-d] [-x] MODE...
//
// /proc modes (the attributes: uids, gids, groups, CapInh/Prm/Eff/Bnd/Amb, NoNewPrivs, Seccomp, NSpid, start time,
// cgroup, ns/{mnt,pid,net,ipc,uts,user,cgroup}, LSM label, exe, cmdline; root mount ro/rw once per mount namespace,
// uid_map once per user namespace; of a kernel thread only status):
//   path    openat(procfd, "PID/file"), read, close; readlinkat for the links           <- the procfs floor
//   dirfd   the same relative to one O_PATH descriptor per process
//   nsstat  dirfd, with fstatat instead of readlinkat for the namespaces
//   nostat  path, without PID/stat (no start time)
//   status  PID/status only
// BPF modes (kernel 5.8+, /sys/kernel/btf/vmlinux, CAP_BPF and CAP_PERFMON or CAP_SYS_ADMIN; initial user namespace;
// sees the tasks of its own pid namespace; kernel threads are left out by the program):
//   iter    a task iterator emits one 256-byte record a process: the same attributes but the strings and the label
//   finger  a task iterator emits the 72 bytes that must change when any of them changes (words of the task)
// -d prints the last mode's records; -x compares iter with path, field by field, and exits 1 on a difference.
//
// One line a mode, key=value: cpu_us is user + system time per process (median over REPS; the process clock), min_us
// the least, scan_ms the CPU of a scan, wall_ms, user_pct, syscalls per process, bytes read per process, record bytes.
#define _GNU_SOURCE
#include "floor_bpf.h"
#include "floor_procfs.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CAP (1l << 26)
static int pids[1 << 20], n, threads = 1;
static char *out[16];
static long outn[16];
static struct ctx *cx[16];
static double clk(int c)
{
    struct timespec t;
    clock_gettime(c, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}
static int cmp(const void *a, const void *b)
{
    double x = *(double *)a, y = *(double *)b;
    return x < y ? -1 : x > y;
}

static void *work(void *a)
{
    int k = (long)a;
    long o = 0;
    for (int i = (long)n * k / threads; i < (long)n * (k + 1) / threads && CAP - o > 1 << 16; i++)
        o += floor_read(cx[k], pids[i], out[k] + o);
    outn[k] = o;
    return 0;
}

static int cross(void)
{
    int link = floor_iter_open(0);
    if (link < 0) {
        fprintf(stderr, "floor_scan: iter: %s\n", strerror(-link));
        return 2;
    }
    long sys = 0, len = floor_iter_read(link, out[0], CAP, &sys), same = 0, gone = 0, bad = 0;
    static char o[1 << 17];
    cx[0]->flags = 0;
    for (long p = 0; p < len; p += 256) {
        struct brec *b = (void *)(out[0] + p);
        struct rec *s = (void *)o;
        if (floor_read(cx[0], b->pid, o) <= 0) {
            gone++;
            continue;
        }
        uint32_t ns[7] = {b->ns[0], b->ns[6], b->ns[3], b->ns[2], b->ns[1], b->ns[5], b->ns[4]};
        uint32_t u[4] = {b->uid, b->euid, b->suid, b->fsuid}, g[4] = {b->gid, b->egid, b->sgid, b->fsgid};
        const char *w = memcmp(ns, s->ns, 28)                                ? "ns"
                : memcmp(b->cap, s->cap, 40)                                 ? "caps"
                : memcmp(u, s->uid, 16)                                      ? "uids"
                : memcmp(g, s->gid, 16)                                      ? "gids"
                : (b->nnp & 1) != s->nnp                                     ? "nnp"
                : b->seccomp != s->seccomp                                   ? "seccomp"
                : ((b->mntflags & 0x40) || (b->sbflags & 1)) != s->rootro    ? "rootro"
                : b->nspid != s->nspid                                       ? "nspid"
                : b->start / (1000000000 / sysconf(_SC_CLK_TCK)) != s->start ? "start"
                : b->ppid != s->ppid                                         ? "ppid"
                : b->ngroups != s->ngid                                      ? "ngroups"
                : memcmp(b->gids, s + 1, 4 * (s->ngid < 8 ? s->ngid : 8))    ? "groups"
                                                                             : 0;
        if (w) {
            bad++;
            printf("pid %u: %s differs\n", b->pid, w);
        } else
            same++;
    }
    printf("cross same=%ld differ=%ld gone=%ld\n", same, bad, gone);
    return bad != 0;
}

int main(int ac, char **av)
{
    int o, reps = 15, warm = 1, sleepms = 0, dump = 0, x = 0;
    while ((o = getopt(ac, av, "r:w:s:t:dx")) > 0)
        switch (o) {
        case 'r': reps = atoi(optarg); break;
        case 'w': warm = atoi(optarg); break;
        case 's': sleepms = atoi(optarg); break;
        case 't': threads = atoi(optarg); break;
        case 'd': dump = 1; break;
        case 'x': x = 1; break;
        default: return 2;
        }
    if (reps < 1 || reps > 1000 || threads < 1 || threads > 16) return 2;
    for (int i = 0; i < threads; i++) {
        cx[i] = calloc(1, sizeof **cx);
        cx[i]->procfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        out[i] = malloc(CAP);
    }
    if (x) return cross();
    for (int m = optind; m < ac; m++) {
        const char *s = av[m];
        unsigned f = !strcmp(s, "dirfd") ? F_DIRFD
                : !strcmp(s, "nsstat")   ? F_NSSTAT | F_DIRFD
                : !strcmp(s, "nostat")   ? F_NOSTAT
                : !strcmp(s, "status")   ? F_STATUS
                                         : 0;
        int rec = !strcmp(s, "iter") ? 256 : !strcmp(s, "finger") ? 72 : 0, link = -1;
        if (!rec && !f && strcmp(s, "path")) {
            fprintf(stderr, "floor_scan: no mode %s\n", s);
            return 2;
        }
        double v[1000], w[1000];
        long sys = 0, by = 0, ob = 0;
        struct rusage ra, rb;
        if (rec && (link = floor_iter_open(rec == 72)) < 0) {
            fprintf(stderr, "floor_scan: %s: %s\n", s, strerror(-link));
            return 2;
        }
        for (int r = -warm; r < reps; r++) {
            if (r == 0) getrusage(RUSAGE_SELF, &ra);
            for (int i = 0; i < threads; i++) {
                cx[i]->flags = f;
                cx[i]->syscalls = cx[i]->bytes = 0;
                memset(&cx[i]->mnt, 0, sizeof cx[i]->mnt);
                memset(&cx[i]->usr, 0, sizeof cx[i]->usr);
            }
            if (sleepms) usleep(sleepms * 1000);
            double a = clk(CLOCK_PROCESS_CPUTIME_ID), wa = clk(CLOCK_MONOTONIC);
            if (rec) {
                outn[0] = floor_iter_read(link, out[0], CAP, &cx[0]->syscalls);
                n = outn[0] / rec;
                cx[0]->bytes = outn[0];
            } else {
                n = floor_list(cx[0], pids, 1 << 20);
                if (threads == 1)
                    work(0);
                else {
                    pthread_t t[16];
                    for (long i = 0; i < threads; i++)
                        pthread_create(&t[i], 0, work, (void *)i);
                    for (int i = 0; i < threads; i++)
                        pthread_join(t[i], 0);
                }
            }
            if (r >= 0) {
                v[r] = clk(CLOCK_PROCESS_CPUTIME_ID) - a;
                w[r] = clk(CLOCK_MONOTONIC) - wa;
            }
            sys = by = ob = 0;
            for (int i = 0; i < threads; i++) {
                sys += cx[i]->syscalls;
                by += cx[i]->bytes;
                ob += outn[i];
            }
        }
        getrusage(RUSAGE_SELF, &rb);
        double us = (rb.ru_utime.tv_sec - ra.ru_utime.tv_sec) * 1e6 + rb.ru_utime.tv_usec - ra.ru_utime.tv_usec;
        double ss = (rb.ru_stime.tv_sec - ra.ru_stime.tv_sec) * 1e6 + rb.ru_stime.tv_usec - ra.ru_stime.tv_usec;
        qsort(v, reps, 8, cmp);
        qsort(w, reps, 8, cmp);
        if (n < 1) return 1;
        printf("mode=%s threads=%d n=%d cpu_us=%.3f min_us=%.3f scan_ms=%.2f wall_ms=%.2f user_pct=%.0f syscalls=%.3f "
               "bytes=%ld record=%ld\n",
                s, rec ? 1 : threads, n, v[reps / 2] / n, v[0] / n, v[reps / 2] / 1e3, w[reps / 2] / 1e3,
                100 * us / (us + ss + 1), (double)sys / n, by / n, ob / n);
        fflush(stdout);
        if (dump && m == ac - 1)
            for (long p = 0; p < outn[0];) {
                if (rec == 72) break;
                if (rec) {
                    struct brec *r = (void *)(out[0] + p);
                    printf("%u ppid %u start %lu uid %u/%u gid %u caps %lx %lx %lx %lx %lx nnp %d seccomp %u ro %d "
                           "nspid %u groups %u cgroup %lu exe %x:%lu comm %.16s\n",
                            r->pid, r->ppid, r->start, r->uid, r->euid, r->gid, r->cap[0], r->cap[1], r->cap[2],
                            r->cap[3], r->cap[4], r->nnp & 1, r->seccomp, (r->mntflags & 0x40) || (r->sbflags & 1),
                            r->nspid, r->ngroups, r->cgid, r->exe_dev, r->exe_ino, r->comm);
                    p += 256;
                } else {
                    struct rec *r = (void *)(out[0] + p);
                    char *q = (char *)(r + 1) + 4 * r->ngid;
                    printf("%u ppid %u start %lu uid %u/%u gid %u caps %lx %lx %lx %lx %lx nnp %d seccomp %d ro %d "
                           "nspid %u groups %d label '%.*s' cgroup '%.*s' exe '%.*s' cmdline '%.*s'\n",
                            r->pid, r->ppid, r->start, r->uid[0], r->uid[1], r->gid[0], r->cap[0], r->cap[1], r->cap[2],
                            r->cap[3], r->cap[4], r->nnp, r->seccomp, r->rootro, r->nspid, r->ngid, r->label, q,
                            r->cgroup, q + r->label, r->exe, q + r->label + r->cgroup, r->cmdline,
                            q + r->label + r->cgroup + r->exe);
                    p += r->size;
                }
            }
        if (link >= 0) close(link);
    }
    return 0;
}
