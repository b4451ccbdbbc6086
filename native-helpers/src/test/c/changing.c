#define _GNU_SOURCE
#include "changing.h"

#include "print.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char own_program[4096];
static char cgroup_directory[256]; /* of our own, or empty: none could be made */
static char other_cgroup[300];

static int no_privileges(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int allow_all(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static int change_capabilities(unsigned seed)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    unsigned bit = 1u << (10 + seed % 4); /* none that the other changes need */
    if (syscall(SYS_capget, &header, data) < 0) {
        return -1;
    }
    data[0].effective ^= data[0].permitted & bit;
    data[0].inheritable ^= data[0].permitted & (bit << 4);
    return (int)syscall(SYS_capset, &header, data);
}

static int join_parents(const char *type, int kind)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/%s", getppid(), type);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : setns(fd, kind);
    close(fd);
    return result;
}

static int move_to(const char *cgroup)
{
    char path[400];
    snprintf(path, sizeof path, "%s/cgroup.procs", cgroup);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int result = fd >= 0 && write(fd, "0", 1) == 1 ? 0 : -1;
    close(fd);
    return result;
}

static long become_another(unsigned seed)
{
    (void)seed;
    return syscall(SYS_setresuid, 4001, 4002, 4003) == 0 ? prctl(PR_SET_NAME, "another", 0, 0, 0) : -1;
}

static long go_elsewhere(unsigned seed)
{
    static const int kinds[] = {CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP};
    return unshare(CLONE_FS) == 0 ? unshare(kinds[seed % 5]) : -1;
}

static long change_directory(unsigned seed)
{
    return unshare(CLONE_FS) == 0 && chdir(seed % 2 == 0 ? "/proc" : "/dev") == 0 ? 0 : -1;
}

/* What one of our threads is to do, and whether it has: 1, and stays; -1: it could not. */
struct deed {
    long (*what)(unsigned seed);
    unsigned seed;
    volatile int told;
};

static void *does(void *of)
{
    struct deed *deed = of;
    deed->told = deed->what(deed->seed) == 0 ? 1 : -1;
    while (deed->told == 1) {
        pause();
    }
    return NULL;
}

static int add_thread(long (*what)(unsigned seed), unsigned seed)
{
    static struct deed deeds[64];
    static int threads;
    pthread_t thread;
    if (threads == 64) {
        return -1;
    }
    struct deed *deed = &deeds[threads++];
    *deed = (struct deed){what, seed, 0};
    if (pthread_create(&thread, NULL, does, deed) != 0) {
        return -1;
    }
    for (int i = 0; i < 2000 && !deed->told; i++) {
        usleep(1000);
    }
    return deed->told == 1 ? 0 : -1;
}

static int execute(int in, int out)
{
    char from[16];
    char to[16];
    snprintf(from, sizeof from, "%d", in);
    snprintf(to, sizeof to, "%d", out);
    fcntl(in, F_SETFD, 0);
    fcntl(out, F_SETFD, 0);
    return execl(own_program, own_program, "child", from, to, other_cgroup, cgroup_directory, NULL);
}

static int change(int what, unsigned seed, int in, int out)
{
    gid_t groups[64];
    char name[16];
    for (unsigned i = 0; i < 64; i++) {
        groups[i] = 1000 + i * 7 + (seed & 0xff);
    }
    switch (what) {
    case TAKE_UID: return (int)syscall(SYS_setresuid, seed % 3, 0, seed % 7);
    case TAKE_GID: return (int)syscall(SYS_setresgid, seed % 3, seed % 5, seed % 7);
    case TAKE_GROUPS: return (int)syscall(SYS_setgroups, seed % (PRINT_GROUPS + 1), groups);
    case TAKE_MANY_GROUPS: return (int)syscall(SYS_setgroups, 17 + seed % 40, groups);
    case DROP_BOUNDING: return prctl(PR_CAPBSET_DROP, 24 + seed % 14, 0, 0, 0);
    case CHANGE_CAPABILITIES: return change_capabilities(seed);
    case RAISE_AMBIENT: return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 14 + seed % 4, 0, 0);
    case NO_PRIVILEGES: return no_privileges();
    case FILTER: return allow_all();
    case UNSHARE_NET: return unshare(CLONE_NEWNET);
    case UNSHARE_IPC: return unshare(CLONE_NEWIPC);
    case UNSHARE_UTS: return unshare(CLONE_NEWUTS);
    case UNSHARE_MOUNTS: return unshare(CLONE_NEWNS);
    case UNSHARE_CGROUP: return unshare(CLONE_NEWCGROUP);
    case JOIN_NET: return join_parents("net", CLONE_NEWNET);
    case JOIN_IPC: return join_parents("ipc", CLONE_NEWIPC);
    case TAKE_NAME: snprintf(name, sizeof name, "n%u", seed % 1000); return prctl(PR_SET_NAME, name, 0, 0, 0);
    case MOVE: return move_to(other_cgroup);
    case MOVE_BACK: return move_to(cgroup_directory);
    case CHANGE_ROOT: return chroot(seed % 2 == 0 ? "/" : "/proc/1/root/");
    case CHANGE_DIRECTORY: return chdir(seed % 2 == 0 ? "/" : "/proc");
    case ADD_THREAD: return add_thread(become_another, seed);
    case MOVE_THREAD: return add_thread(go_elsewhere, seed);
    case MOVE_THREADS_DIRECTORY: return add_thread(change_directory, seed);
    case EXECUTE: return execute(in, out);
    default: return seed % 4 == 0 ? unshare(CLONE_NEWUSER) : -1;
    }
}

struct order {
    int what;
    unsigned seed;
};

/* Does what it is told until nobody tells any more. */
static void obey(int in, int out)
{
    struct order order;
    while (read(in, &order, sizeof order) == sizeof order) {
        int result = change(order.what, order.seed, in, out);
        if (write(out, &result, sizeof result) != sizeof result) {
            break;
        }
    }
    _exit(0);
}

struct changing changing_start(void)
{
    int orders[2];
    int answers[2];
    if (pipe2(orders, O_CLOEXEC) < 0 || pipe2(answers, O_CLOEXEC) < 0) {
        abort();
    }
    pid_t pid = fork();
    if (pid == 0) {
        close(orders[1]);
        close(answers[0]);
        obey(orders[0], answers[1]);
    }
    close(orders[0]);
    close(answers[1]);
    return (struct changing){pid, orders[1], answers[0], 0};
}

void changing_stop(struct changing *process)
{
    close(process->orders);
    close(process->answers);
    kill(process->pid, SIGKILL);
    waitpid(process->pid, NULL, 0);
}

bool changing_tell(const struct changing *process, int what, unsigned seed)
{
    struct order order = {what, seed};
    int result = -1;
    return write(process->orders, &order, sizeof order) == sizeof order
            && read(process->answers, &result, sizeof result) == sizeof result && result == 0;
}

bool changing_make_cgroups(void)
{
    static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
    for (size_t i = 0; i < 2 && cgroup_directory[0] == '\0'; i++) {
        snprintf(cgroup_directory, sizeof cgroup_directory, "%s/plumbline-test-%d", mounts[i], getpid());
        snprintf(other_cgroup, sizeof other_cgroup, "%s/other", cgroup_directory);
        char procs[400];
        snprintf(procs, sizeof procs, "%s/cgroup.procs", other_cgroup);
        if (mkdir(cgroup_directory, 0755) < 0 || mkdir(other_cgroup, 0755) < 0 || access(procs, W_OK) < 0) {
            rmdir(other_cgroup);
            rmdir(cgroup_directory);
            cgroup_directory[0] = '\0';
        }
    }
    return cgroup_directory[0] != '\0';
}

/* A cgroup can be removed some milliseconds after its last process has been reaped. */
void changing_remove_cgroups(void)
{
    for (int i = 0; cgroup_directory[0] != '\0' && i < 100; i++) {
        rmdir(other_cgroup);
        if (rmdir(cgroup_directory) == 0) {
            break;
        }
        usleep(10000);
    }
    cgroup_directory[0] = '\0';
}

bool changing_main(int argc, char **argv)
{
    int done = 0;
    ssize_t length = readlink("/proc/self/exe", own_program, sizeof own_program - 1);
    own_program[length < 0 ? 0 : length] = '\0';
    if (argc != 6 || strcmp(argv[1], "child") != 0) {
        return false;
    }
    snprintf(other_cgroup, sizeof other_cgroup, "%s", argv[4]);
    snprintf(cgroup_directory, sizeof cgroup_directory, "%s", argv[5]);
    if (write(atoi(argv[3]), &done, sizeof done) == sizeof done) {
        obey(atoi(argv[2]), atoi(argv[3]));
    }
    return true;
}
