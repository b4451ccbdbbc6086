// What is done to a container from the host: a process is put where it does not belong, a mount is put into it.
#define _GNU_SOURCE
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 4
#endif
#define RECURSIVE 0x8000 // AT_RECURSIVE

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

int enter(char **arguments)
{
    int count = count_of(arguments);
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

int attach(char **arguments)
{
    const char *source = arguments[0], *namespace = arguments[1], *target = arguments[2];
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
