// Processes that do not look like what they are.
#define _GNU_SOURCE
#include "workload.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

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

int run_from_memory(char **arguments)
{
    int memory = memfd_create("unseen", 0);
    if (memory < 0)
        die("memfd_create");
    copy_self_into(memory);
    static char *environment[] = {NULL};
    int count = count_of(arguments);
    char **all = calloc((size_t)count + 3, sizeof *all);
    all[0] = "workload";
    all[1] = "wait";
    memcpy(all + 2, arguments, (size_t)count * sizeof *all);
    fexecve(memory, all, environment);
    die("fexecve");
}

// What main() shall do comes in the environment, because here the arguments are the thing under test.
int run_named(char **arguments)
{
    int count = count_of(arguments);
    char **all = calloc((size_t)count, sizeof *all);
    for (int i = 1; i < count; i++)
        all[i - 1] = unhex(arguments[i]);
    setenv("WORKLOAD_COMM", arguments[0], 1);
    execv("/proc/self/exe", all);
    die("execv");
}

int run_long(char **arguments)
{
    long bytes = atol(arguments[0]);
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
}

static void start_thread(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, thread_waits, NULL)) {
        fprintf(stderr, "workload: no thread\n");
        exit(1);
    }
}

int thread_before_promise(char **unused)
{
    (void)unused;
    start_thread();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        die("no_new_privs");
    return wait_for_ever();
}

int leader_ended(char **unused)
{
    (void)unused;
    start_thread();
    pthread_exit(NULL);
}
