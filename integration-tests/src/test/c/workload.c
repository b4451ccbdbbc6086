// workload: the program of the test containers, and the hand that puts drift into them.
//
// Inside a container (argv[0] or the first argument names what to do):
//   pause                        waits, reaps, ends on SIGTERM: the first process of a sandbox
//   wait [ARG...]                waits for ever; the arguments are only there to be looked at
//   memfd ARG...                 runs `wait ARG...` from a memory file, memfd_create(2)
//   named COMM-HEX ARG-HEX...    runs `wait` under a name and arguments of any bytes
//   long BYTES                   runs `wait` with an argument list of that many bytes
//   thread-before-promise        a second thread, then no_new_privs on the first: the second one has it not
//   leader-ended                 a second thread waits, the first has ended: the process looks like a zombie
//   churn PROCESSES              keeps that many short-lived children coming and going
//   storm PER-SECOND SECONDS     starts that many processes a second that end at once; prints how many it started
//   change WHAT ARG...           waits for SIGUSR1, changes itself, waits on: uid and thread-uid (root again), user-namespace (one of
//                                its own), namespace (joins descriptor 100, see --keep), root (mounts / writable), program (runs from
//                                a memory file)
//   mounts COUNT DIR             COUNT bind mounts on a tmpfs at DIR, then waits under the name `mounted`
//
// On the host:
//   enter [OPTION...] -- PROGRAM [ARG...]   puts a process where it does not belong, prints its pid, waits for its end
//     --procs FILE      joins this cgroup.procs (repeat for each hierarchy)
//     --ns FILE         joins this namespace, /proc/<pid>/ns/<type> (repeat)
//     --groups A,B|-    supplementary groups, - for none
//     --gid N --uid N   all four ids
//     --bounding HEX    keeps only these capabilities in the bounding and permitted sets
//     --ambient HEX     these go on with the program although it is not root's
//     --keep FILE       stays open as descriptor 100
//     --no-new-privs    as the name says
//     --profile NAME    the program runs under this AppArmor profile
//     --tell-time       prints `exec NANOSECONDS` too, CLOCK_MONOTONIC just before the program begins
//   attach SOURCE MNT-NS-FILE TARGET        mounts the host's SOURCE at TARGET inside that mount namespace
//
// gcc -O1 -static -pthread -o workload workload.c
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif
#define RECURSIVE 0x8000 // AT_RECURSIVE

static void die(const char *what)
{
    fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void usage(const char *what)
{
    fprintf(stderr, "workload: %s\n", what);
    exit(2);
}

static volatile sig_atomic_t asked_to_end;

static void on_end(int signal_number)
{
    (void)signal_number;
    asked_to_end = 1;
}

static void end_on_signal(void)
{
    struct sigaction action = {.sa_handler = on_end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

// The first process of a pid namespace gets no default action for SIGTERM, so each waiter asks for one.
static int wait_for_ever(void)
{
    end_on_signal();
    while (!asked_to_end) {
        pid_t ended = waitpid(-1, NULL, 0);
        if (ended < 0 && errno == ECHILD)
            pause();
    }
    return 0;
}

static void copy_self_into(int target)
{
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat size;
    if (self < 0 || fstat(self, &size))
        die("/proc/self/exe");
    for (off_t done = 0; done < size.st_size;) {
        ssize_t sent = sendfile(target, self, &done, (size_t)(size.st_size - done));
        if (sent <= 0)
            die("sendfile");
    }
    close(self);
}

static int run_from_memory(char **arguments)
{
    int memory = memfd_create("unseen", 0);
    if (memory < 0)
        die("memfd_create");
    copy_self_into(memory);
    static char *environment[] = {NULL};
    int count = 0;
    while (arguments[count])
        count++;
    char **all = calloc((size_t)count + 3, sizeof *all);
    all[0] = "workload";
    all[1] = "wait";
    memcpy(all + 2, arguments, (size_t)count * sizeof *all);
    fexecve(memory, all, environment);
    die("fexecve");
    return 1;
}

static char *unhex(const char *text)
{
    size_t length = strlen(text) / 2;
    char *bytes = calloc(length + 1, 1);
    for (size_t i = 0; i < length; i++) {
        unsigned value = 0;
        if (sscanf(text + 2 * i, "%2x", &value) != 1)
            usage("not hexadecimal");
        bytes[i] = (char)value;
    }
    return bytes;
}

// What main() shall do comes in the environment, because here the arguments are the thing under test.
static int run_named(const char *comm_hex, char **arguments_hex)
{
    int count = 0;
    while (arguments_hex[count])
        count++;
    char **all = calloc((size_t)count + 1, sizeof *all);
    for (int i = 0; i < count; i++)
        all[i] = unhex(arguments_hex[i]);
    setenv("WORKLOAD_COMM", comm_hex, 1);
    execv("/proc/self/exe", all);
    die("execv");
    return 1;
}

static int run_long(long bytes)
{
    enum { PIECE = 100000 }; // one argument may have 128 KiB at most, MAX_ARG_STRLEN
    long count = (bytes + PIECE - 1) / PIECE;
    char **all = calloc((size_t)count + 3, sizeof *all);
    all[0] = "workload";
    all[1] = "wait";
    for (long i = 0; i < count; i++, bytes -= PIECE) {
        long length = bytes < PIECE ? bytes : PIECE;
        all[i + 2] = malloc((size_t)length + 1);
        memset(all[i + 2], 'A', (size_t)length);
        all[i + 2][length] = 0;
    }
    execv("/proc/self/exe", all);
    die("execv");
    return 1;
}

static void *thread_waits(void *unused)
{
    (void)unused;
    for (;;)
        pause();
    return NULL;
}

static void start_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, thread_waits, NULL)) {
        fprintf(stderr, "workload: no thread\n");
        exit(1);
    }
}

static int thread_before_promise(void)
{
    start_thread();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        die("no_new_privs");
    return wait_for_ever();
}

static int leader_ended(void)
{
    start_thread();
    pthread_exit(NULL);
}

static void *thread_is_root(void *unused)
{
    (void)unused;
    if (syscall(SYS_setresuid, 0, 0, 0)) // of this thread alone; the library's function would ask all
        die("setresuid");
    return thread_waits(NULL);
}

enum { KEPT = 100 }; // beyond all that enter() opens

static int change_self(const char *what, char **arguments)
{
    if (!strcmp(what, "uid"))
        return setresuid(0, 0, 0);
    if (!strcmp(what, "user-namespace"))
        return unshare(CLONE_NEWUSER);
    if (!strcmp(what, "namespace"))
        return setns(KEPT, 0);
    if (!strcmp(what, "root"))
        return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
    if (!strcmp(what, "program"))
        return run_from_memory(arguments);
    pthread_t thread;
    return strcmp(what, "thread-uid") ? -1 : pthread_create(&thread, NULL, thread_is_root, NULL);
}

static int change(const char *what, char **arguments)
{
    sigset_t asked;
    sigemptyset(&asked);
    sigaddset(&asked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &asked, NULL);
    int ignored;
    prctl(PR_SET_NAME, "changes"); // says that it listens now
    if (sigwait(&asked, &ignored) || change_self(what, arguments))
        die(what);
    prctl(PR_SET_NAME, "changed");
    return wait_for_ever();
}

static int churn(int processes)
{
    end_on_signal();
    int living = 0;
    for (unsigned round = 0; !asked_to_end; round++) {
        if (living >= processes) {
            if (waitpid(-1, NULL, 0) > 0)
                living--;
            continue;
        }
        pid_t child = fork();
        if (child == 0) {
            usleep(1000 + round % 7 * 3000);
            _exit(0);
        }
        if (child > 0)
            living++;
        while (waitpid(-1, NULL, WNOHANG) > 0)
            living--;
    }
    return 0;
}

static long long monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int storm(int per_second, int seconds)
{
    long long start = monotonic_ns();
    long long end = start + seconds * 1000000000LL;
    long long started = 0;
    signal(SIGCHLD, SIG_IGN);
    for (long long now = start; now < end; now = monotonic_ns()) {
        if (started * 1000000000LL > (now - start) * per_second) {
            usleep(500);
            continue;
        }
        pid_t child = vfork();
        if (child == 0)
            _exit(0);
        if (child > 0)
            started++;
    }
    printf("%lld\n", started);
    return 0;
}

static int many_mounts(int count, const char *directory)
{
    char path[4096];
    if (mount("tmpfs", directory, "tmpfs", 0, NULL)) // directories on disk take longer to remove than to mount
        die(directory);
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%d", directory, i);
        if (mkdir(path, 0755) && errno != EEXIST)
            die(path);
        if (mount(path, path, NULL, MS_BIND, NULL))
            die(path);
    }
    prctl(PR_SET_NAME, "mounted");
    return wait_for_ever();
}

static int attach(const char *source, const char *namespace, const char *target)
{
    int tree = (int)syscall(SYS_open_tree, AT_FDCWD, source, OPEN_TREE_CLONE | O_CLOEXEC | RECURSIVE);
    if (tree < 0)
        die(source);
    int other = open(namespace, O_RDONLY | O_CLOEXEC);
    if (other < 0 || setns(other, CLONE_NEWNS))
        die(namespace);
    if (mkdir(target, 0755) && errno != EEXIST)
        die(target);
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH))
        die(target);
    return 0;
}

struct place {
    int procs[32], namespaces[16];
    int procs_count, namespaces_count;
    gid_t groups[64];
    int groups_count; // -1: as they are
    long uid, gid;    // -1: as they are
    unsigned long long bounding, ambient;
    int limited, no_new_privs, tell_time;
    const char *profile;
};

static void limit(const struct place *place)
{
    for (int capability = 0; capability < 64; capability++)
        if (!(place->bounding >> capability & 1) && prctl(PR_CAPBSET_READ, capability, 0, 0, 0) == 1
            && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0))
            die("bounding set");
}

static void hold(unsigned long long permitted)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};
    for (int i = 0; i < 2; i++)
        data[i].permitted = data[i].effective = (unsigned)(permitted >> (32 * i));
    if (syscall(SYS_capset, &header, data))
        die("capset");
}

static void raise_ambient(unsigned long long wanted)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{0}};
    for (int i = 0; i < 2; i++)
        data[i].permitted = data[i].effective = data[i].inheritable = (unsigned)(wanted >> (32 * i));
    if (syscall(SYS_capset, &header, data))
        die("capset");
    for (int capability = 0; capability < 64; capability++)
        if (wanted >> capability & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))
            die("ambient set");
}

static void become(const struct place *place)
{
    if (place->ambient && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
        die("keep capabilities");
    if (place->limited)
        limit(place);
    if (place->groups_count >= 0 && setgroups((size_t)place->groups_count, place->groups))
        die("setgroups");
    if (place->gid >= 0 && setresgid((gid_t)place->gid, (gid_t)place->gid, (gid_t)place->gid))
        die("setresgid");
    if (place->uid >= 0 && setresuid((uid_t)place->uid, (uid_t)place->uid, (uid_t)place->uid))
        die("setresuid");
    if (place->limited && geteuid() == 0)
        hold(place->bounding);
    if (place->ambient)
        raise_ambient(place->ambient);
    if (place->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        die("no_new_privs");
}

static int is_pid_namespace(int namespace)
{
    char link[64], target[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", namespace);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0)
        die(link);
    target[length] = 0;
    return strncmp(target, "pid:", 4) == 0;
}

// For the next exec; the file is the host's, so before any namespace is joined.
static void ask_for_profile(const char *name)
{
    char order[300];
    int length = snprintf(order, sizeof order, "exec %s", name);
    int file = open("/proc/self/attr/apparmor/exec", O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, order, (size_t)length) != length)
        die("AppArmor profile");
    close(file);
}

static void place_child(const struct place *place, char **program)
{
    if (place->profile)
        ask_for_profile(place->profile);
    for (int i = 0; i < place->procs_count; i++)
        if (write(place->procs[i], "0", 1) != 1)
            die("cgroup.procs");
    for (int i = 0; i < place->namespaces_count; i++)
        if (!is_pid_namespace(place->namespaces[i]) && setns(place->namespaces[i], 0))
            die("setns");
    become(place);
    prctl(PR_SET_PDEATHSIG, SIGKILL); // last: a change of ids clears it
    int teller = fcntl(1, F_DUPFD_CLOEXEC, 3);
    int nowhere = open("/dev/null", O_RDWR);
    if (nowhere >= 0) {
        dup2(nowhere, 0);
        dup2(nowhere, 1);
    }
    if (place->tell_time)
        dprintf(teller, "exec %lld\n", monotonic_ns());
    execv(program[0], program);
    die(program[0]);
}

static int opened(const char *file, int flags)
{
    int descriptor = open(file, flags | O_CLOEXEC);
    if (descriptor < 0)
        die(file);
    return descriptor;
}

static void parse_groups(struct place *place, char *text)
{
    place->groups_count = 0;
    if (!strcmp(text, "-"))
        return;
    for (char *next = strtok(text, ","); next && place->groups_count < 64; next = strtok(NULL, ","))
        place->groups[place->groups_count++] = (gid_t)strtoul(next, NULL, 10);
}

static int enter(int count, char **arguments)
{
    struct place place = {.groups_count = -1, .uid = -1, .gid = -1};
    int i = 0;
    for (; i < count && strcmp(arguments[i], "--"); i++) {
        char *option = arguments[i];
        if (!strcmp(option, "--no-new-privs")) {
            place.no_new_privs = 1;
            continue;
        }
        if (!strcmp(option, "--tell-time")) {
            place.tell_time = 1;
            continue;
        }
        if (++i >= count)
            usage(option);
        char *value = arguments[i];
        if (!strcmp(option, "--procs") && place.procs_count < 32)
            place.procs[place.procs_count++] = opened(value, O_WRONLY);
        else if (!strcmp(option, "--ns") && place.namespaces_count < 16)
            place.namespaces[place.namespaces_count++] = opened(value, O_RDONLY);
        else if (!strcmp(option, "--groups"))
            parse_groups(&place, value);
        else if (!strcmp(option, "--gid"))
            place.gid = strtol(value, NULL, 10);
        else if (!strcmp(option, "--uid"))
            place.uid = strtol(value, NULL, 10);
        else if (!strcmp(option, "--ambient"))
            place.ambient = strtoull(value, NULL, 16);
        else if (!strcmp(option, "--keep")) {
            if (dup2(opened(value, O_RDONLY), KEPT) < 0)
                die(value);
        } else if (!strcmp(option, "--profile"))
            place.profile = value;
        else if (!strcmp(option, "--bounding"))
            place.limited = 1, place.bounding = strtoull(value, NULL, 16);
        else
            usage(option);
    }
    if (i + 1 >= count)
        usage("enter needs -- and a program");
    // A pid namespace holds for the children only, so this process stays outside and its child is the one placed.
    for (int n = 0; n < place.namespaces_count; n++)
        if (is_pid_namespace(place.namespaces[n]) && setns(place.namespaces[n], CLONE_NEWPID))
            die("setns pid");
    end_on_signal();
    pid_t child = fork();
    if (child < 0)
        die("fork");
    if (child == 0)
        place_child(&place, arguments + i + 1);
    printf("%d\n", child);
    fflush(stdout);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        if (asked_to_end)
            kill(child, SIGKILL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int count, char **arguments)
{
    const char *comm = getenv("WORKLOAD_COMM");
    if (comm) {
        prctl(PR_SET_NAME, unhex(comm));
        return wait_for_ever();
    }
    const char *name = strrchr(arguments[0], '/') ? strrchr(arguments[0], '/') + 1 : arguments[0];
    if (!strcmp(name, "pause"))
        return wait_for_ever();
    const char *what = count > 1 ? arguments[1] : "";
    char **rest = arguments + 2;
    if (!strcmp(what, "wait"))
        return wait_for_ever();
    if (!strcmp(what, "memfd"))
        return run_from_memory(rest);
    if (!strcmp(what, "named") && count > 3)
        return run_named(rest[0], rest + 1);
    if (!strcmp(what, "long") && count > 2)
        return run_long(atol(rest[0]));
    if (!strcmp(what, "thread-before-promise"))
        return thread_before_promise();
    if (!strcmp(what, "leader-ended"))
        return leader_ended();
    if (!strcmp(what, "change") && count > 2)
        return change(rest[0], rest + 1);
    if (!strcmp(what, "churn") && count > 2)
        return churn(atoi(rest[0]));
    if (!strcmp(what, "storm") && count > 3)
        return storm(atoi(rest[0]), atoi(rest[1]));
    if (!strcmp(what, "mounts") && count > 3)
        return many_mounts(atoi(rest[0]), rest[1]);
    if (!strcmp(what, "enter"))
        return enter(count - 2, rest);
    if (!strcmp(what, "attach") && count > 4)
        return attach(rest[0], rest[1], rest[2]);
    usage("no such task; the head of workload.c lists them");
    return 2;
}
