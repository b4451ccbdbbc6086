// spawn_procs: a fixed population of sleeping processes for /proc scanners.
//   spawn_procs -n N [-g GROUPS] [-h HOSTSHARE%] [-u USERNS_GROUPS]
// Starts N sleepers, prints "READY N MAINPID", then waits for SIGTERM/SIGINT/EOF on stdin (-i) and ends them all.
// A group looks like a container: own pid, mnt, net, ipc, uts and cgroup namespaces (-u of them a user namespace as
// well), a cgroup v2 path as of a kubelet with a cgroup root of its own where cgroup2 is mounted, half of them a
// read-only root mount; identities, capability sets, no_new_privs, seccomp and supplementary groups vary by group, so
// an attribute scanner has work to do. HOSTSHARE% of N run in the initial namespaces (the node's own daemons).
// Linked statically, so that thousands of sleepers start fast and take little memory.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int readyfd, lifefd; // lifefd: a pipe only main can write; its end ends the sleepers
static char self[4096], cgbase[256], cgpaths[4096][512];
static int ncg;
static volatile sig_atomic_t stop;
static void onsig(int s)
{
    (void)s;
    stop = 1;
}

static void die(const char *m)
{
    perror(m);
    _exit(1);
}

static void put(const char *path, const char *s)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return;
    if (write(fd, s, strlen(s)) < 0) {
    }
    close(fd);
}

static void drop(unsigned long long keep, int uid, int gid, int ngroups, int ambient)
{
    for (int c = 0; c <= 40; c++)
        if (!(keep >> c & 1)) prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
    gid_t gr[32];
    for (int i = 0; i < ngroups && i < 32; i++)
        gr[i] = 2000 + i * 7;
    if (setgroups(ngroups, gr)) {
    }
    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
    if (setresgid(gid, gid, gid)) {
    }
    if (setresuid(uid, uid, uid)) {
    }
    struct __user_cap_header_struct h = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct d[2] = {0};
    unsigned long long p = uid == 0 ? keep : ambient ? keep & (1ull << CAP_NET_BIND_SERVICE) : 0;
    for (int i = 0; i < 2; i++) {
        d[i].permitted = d[i].effective = (unsigned)(p >> (32 * i));
        d[i].inheritable = uid ? (unsigned)(p >> (32 * i)) : 0;
    }
    syscall(SYS_capset, &h, d);
    if (uid && ambient) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_BIND_SERVICE, 0, 0);
}

static void become(int g, int i)
{
    static const unsigned long long dflt = 0xa80425fbull; // the container runtimes' default set
    char a1[64], a2[64], a3[64], a4[64], a5[16];
    int full = g < 0 || g % 20 == 0;
    int uid = g < 0 ? (i % 5 == 0 ? 100 + i % 7 : 0) : g % 3 == 0 ? 0 : 1000 + g;
    unsigned long long keep = full ? 0x1ffffffffffull : g % 5 == 0 ? 0x400ull : dflt;
    if (g >= 0 && g % 4 != 3 && !full) { // as a runtime does it: while still privileged
        struct sock_filter f[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
        struct sock_fprog pr = {1, f};
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &pr, 0, 0);
    }
    drop(keep, uid, uid, g < 0 ? 0 : i % 5, g % 7 == 0);
    if (g >= 0 && g % 2) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    snprintf(a1, sizeof a1, "/usr/local/bin/app-%03d", g < 0 ? 999 : g);
    snprintf(a2, sizeof a2, "--listen=0.0.0.0:%d", 8000 + i);
    snprintf(a3, sizeof a3, "--config=/etc/app/config-%d.yaml", i);
    snprintf(a4, sizeof a4, "%d", readyfd);
    snprintf(a5, sizeof a5, "%d", lifefd);
    char *av[] = {a1, "sleeper", a4, a5, a2, a3, "--log-level=info", 0};
    char *ev[] = {"PATH=/usr/bin:/bin", 0};
    execve("/proc/self/exe", av, ev);
    execve(self, av, ev);
    _exit(127);
}

static int sleeper(int fd, int life)
{
    char c;
    if (write(fd, "x", 1) != 1) return 1;
    close(fd);
    while (read(life, &c, 1) < 0 && errno == EINTR)
        ;
    return 0;
}

static void group(int g, int n, int userns)
{
    int pp[2];
    if (pipe2(pp, O_CLOEXEC)) die("pipe");
    int flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;
    if (ncg > g) { // enter the cgroup first, so that the cgroup namespace is rooted there
        char p[400], me[32];
        snprintf(p, sizeof p, "%s/cgroup.procs", cgpaths[g]);
        snprintf(me, sizeof me, "%d", getpid());
        put(p, me);
    }
    if (userns) {
        pid_t w = fork();
        if (w == 0) { // the map's writer, outside the new user namespace
            char c, p[64], m[128];
            close(pp[1]);
            if (read(pp[0], &c, 1) != 1) _exit(1);
            snprintf(p, sizeof p, "/proc/%d/uid_map", getppid());
            snprintf(m, sizeof m, "0 %d 65536\n", 100000 + g * 65536);
            put(p, m);
            snprintf(p, sizeof p, "/proc/%d/gid_map", getppid());
            put(p, m);
            _exit(0);
        }
        if (unshare(CLONE_NEWUSER)) die("unshare user");
        if (write(pp[1], "x", 1) != 1) die("write");
        waitpid(w, 0, 0);
        if (setresgid(0, 0, 0) || setresuid(0, 0, 0)) {
        }
    }
    if (unshare(flags)) die("unshare");
    mount(0, "/", 0, MS_REC | MS_PRIVATE, 0);
    if (g % 2 == 0) mount(0, "/", 0, MS_REMOUNT | MS_BIND | MS_RDONLY, 0);
    pid_t in = fork();
    if (in == 0) { // the group's init
        for (int i = 1; i < n; i++) {
            pid_t c = fork();
            if (c < 0) die("fork");
            if (c == 0) become(g, i);
        }
        become(g, 0);
    }
    _exit(0); // the init is re-parented to main (subreaper)
}

int main(int ac, char **av)
{
    if (ac > 3 && !strcmp(av[1], "sleeper")) return sleeper(atoi(av[2]), atoi(av[3]));
    int n = 1000, g = 100, host = 10, un = 0, o, onstdin = 0;
    while ((o = getopt(ac, av, "n:g:h:u:i")) > 0)
        switch (o) {
        case 'n': n = atoi(optarg); break;
        case 'g': g = atoi(optarg); break;
        case 'h': host = atoi(optarg); break;
        case 'u': un = atoi(optarg); break;
        case 'i': onstdin = 1; break;
        default: return 2;
        }
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0) die("readlink");
    struct rlimit rl = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &rl);
    int p[2];
    if (pipe(p)) die("pipe");
    readyfd = p[1];
    int life[2];
    if (pipe(life)) die("pipe");
    lifefd = life[0];
    fcntl(life[1], F_SETFD, FD_CLOEXEC);
    fcntl(p[0], F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    struct sigaction sa = {.sa_handler = onsig}; // no SA_RESTART: a wait must end
    sigaction(SIGTERM, &sa, 0);
    sigaction(SIGINT, &sa, 0);
    const char *roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    for (int i = 0; i < 2 && !cgbase[0]; i++) {
        char t[128];
        snprintf(t, sizeof t, "%s/cgroup.procs", roots[i]);
        char t2[128];
        snprintf(t2, sizeof t2, "%s/cgroup.controllers", roots[i]);
        if (!access(t, W_OK) && !access(t2, F_OK))
            snprintf(cgbase, sizeof cgbase, "%s/bench%d-kubepods.slice", roots[i], getpid());
    }
    if (cgbase[0] && !mkdir(cgbase, 0755)) {
        for (int i = 0; i < g && i < 4096; i++) {
            char pod[400];
            snprintf(pod, sizeof pod, "%s/bench%d-kubepods-pod0f6b7d1e_92a4_4c3b_8d55_%08x%04x.slice", cgbase, getpid(),
                    (unsigned)getpid(), i / 2);
            mkdir(pod, 0755);
            snprintf(cgpaths[i], sizeof cgpaths[i], "%.300s/cri-containerd-%08x%08x%08x%08x%08x%08x%08x%08x.scope", pod,
                    i * 2654435761u, i, 0xabcdef01, 7, 0x12345678, (unsigned)getpid(), 0xdeadbeef, i);
            if (mkdir(cgpaths[i], 0755)) break;
            ncg = i + 1;
        }
    }
    int nh = n * host / 100, ng = n - nh, per = g ? ng / g : 0, left = g ? ng - per * g : 0;
    if (!g) {
        nh = n;
    }
    for (int i = 0; i < nh; i++) {
        pid_t c = fork();
        if (c < 0) die("fork");
        if (c == 0) become(-1, i);
    }
    for (int i = 0; i < g; i++) {
        int k = per + (i < left);
        if (!k) continue;
        pid_t c = fork();
        if (c < 0) die("fork");
        if (c == 0) group(i, k, i < un);
        waitpid(c, 0, 0);
    }
    int got = 0;
    char b[4096];
    while (got < n && !stop) {
        ssize_t r = read(p[0], b, sizeof b);
        if (r <= 0) break;
        got += r;
    }
    printf("READY %d %d\n", got, getpid());
    fflush(stdout);
    while (!stop) {
        if (onstdin) {
            if (read(0, b, sizeof b) <= 0) break;
        } else
            pause();
    }
    // end what we started: our direct children (a group's init takes its namespace with it)
    for (int round = 0; round < 50; round++) {
        char path[64], *buf = malloc(1 << 20);
        snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
        int fd = open(path, O_RDONLY);
        ssize_t r, t = 0;
        while (fd >= 0 && (r = read(fd, buf + t, (1 << 20) - 1 - t)) > 0)
            t += r;
        close(fd);
        buf[t < 0 ? 0 : t] = 0;
        int any = 0;
        for (char *q = buf, *e;; q = e) {
            long c = strtol(q, &e, 10);
            if (e == q) break;
            kill(c, SIGKILL);
            any++;
        }
        free(buf);
        while (waitpid(-1, 0, WNOHANG) > 0)
            ;
        if (!any) break;
        usleep(50000);
    }
    while (waitpid(-1, 0, 0) > 0)
        ;
    for (int i = 0; i < ncg; i++) {
        for (int k = 0; k < 40 && rmdir(cgpaths[i]) && errno == EBUSY; k++)
            usleep(20000);
        char *s = strrchr(cgpaths[i], '/');
        *s = 0;
        rmdir(cgpaths[i]);
    }
    if (cgbase[0]) rmdir(cgbase);
    return 0;
}
