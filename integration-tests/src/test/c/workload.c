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
// gcc -O1 -static -pthread -o workload *.c
#define _GNU_SOURCE
#include "workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void die(const char *what)
{
    fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
    exit(1);
}

void usage(const char *what)
{
    fprintf(stderr, "workload: %s\n", what);
    exit(2);
}

volatile sig_atomic_t asked_to_end;

static void on_end(int signal_number)
{
    (void)signal_number;
    asked_to_end = 1;
}

void end_on_signal(void)
{
    struct sigaction action = {.sa_handler = on_end};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

// The first process of a pid namespace gets no default action for SIGTERM, so each waiter asks for one.
int wait_for_ever(void)
{
    end_on_signal();
    while (!asked_to_end) {
        pid_t ended = waitpid(-1, NULL, 0);
        if (ended < 0 && errno == ECHILD)
            pause();
    }
    return 0;
}

void *thread_waits(void *unused)
{
    (void)unused;
    for (;;)
        pause();
    return NULL;
}

int count_of(char **arguments)
{
    int count = 0;
    while (arguments[count])
        count++;
    return count;
}

char *unhex(const char *text)
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

long long monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static int waits(char **unused)
{
    (void)unused;
    return wait_for_ever();
}

static const struct {
    const char *name;
    int least; // how many arguments it needs
    task *run;
} tasks[] = {
        {"pause", 0, waits},
        {"wait", 0, waits},
        {"memfd", 0, run_from_memory},
        {"named", 2, run_named},
        {"long", 1, run_long},
        {"thread-before-promise", 0, thread_before_promise},
        {"leader-ended", 0, leader_ended},
        {"change", 1, change},
        {"churn", 1, churn},
        {"storm", 2, storm},
        {"mounts", 2, many_mounts},
        {"enter", 0, enter},
        {"attach", 3, attach},
};

int main(int count, char **arguments)
{
    const char *comm = getenv("WORKLOAD_COMM"); // of run_named()
    if (comm) {
        prctl(PR_SET_NAME, unhex(comm));
        return wait_for_ever();
    }
    const char *name = strrchr(arguments[0], '/') ? strrchr(arguments[0], '/') + 1 : arguments[0];
    if (!strcmp(name, "pause"))
        return wait_for_ever();
    for (size_t i = 0; count > 1 && i < sizeof tasks / sizeof *tasks; i++)
        if (!strcmp(arguments[1], tasks[i].name) && count - 2 >= tasks[i].least)
            return tasks[i].run(arguments + 2);
    usage("no such task; the head of workload.c lists them");
}
