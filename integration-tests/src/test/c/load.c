// Many of something: short-lived children, starts of processes, mounts.
#define _GNU_SOURCE
#include "workload.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int churn(char **arguments)
{
    int processes = atoi(arguments[0]);
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

int storm(char **arguments)
{
    int per_second = atoi(arguments[0]);
    int seconds = atoi(arguments[1]);
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

int many_mounts(char **arguments)
{
    int count = atoi(arguments[0]);
    const char *directory = arguments[1];
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
