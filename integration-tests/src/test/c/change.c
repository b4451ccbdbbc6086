// A process that changes itself when it is told to.
#define _GNU_SOURCE
#include "workload.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static void *thread_is_root(void *unused)
{
    (void)unused;
    if (syscall(SYS_setresuid, 0, 0, 0)) // of this thread alone; the library's function would ask all
        die("setresuid");
    return thread_waits(NULL);
}

static void *thread_is_elsewhere(void *unused)
{
    (void)unused;
    if (unshare(CLONE_FS) || setns(KEPT, 0)) // a root of its own, else no thread alone may leave its mount namespace
        die("setns");
    return thread_waits(NULL);
}

static void *thread_is_outside(void *unused)
{
    (void)unused;
    if (unshare(CLONE_FS) || fchdir(KEPT))
        die("fchdir");
    return thread_waits(NULL);
}

static int change_self(const char *what, char **arguments)
{
    if (!strcmp(what, "uid"))
        return setresuid(0, 0, 0);
    if (!strcmp(what, "user-namespace"))
        return unshare(CLONE_NEWUSER);
    if (!strcmp(what, "namespace"))
        return setns(KEPT, 0);
    if (!strcmp(what, "directory"))
        return fchdir(KEPT);
    if (!strcmp(what, "root"))
        return mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND, NULL);
    if (!strcmp(what, "program"))
        return run_from_memory(arguments);
    pthread_t thread;
    if (!strcmp(what, "thread-namespace"))
        return pthread_create(&thread, NULL, thread_is_elsewhere, NULL);
    if (!strcmp(what, "thread-directory"))
        return pthread_create(&thread, NULL, thread_is_outside, NULL);
    return strcmp(what, "thread-uid") ? -1 : pthread_create(&thread, NULL, thread_is_root, NULL);
}

int change(char **arguments)
{
    const char *what = arguments[0];
    sigset_t asked;
    sigemptyset(&asked);
    sigaddset(&asked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &asked, NULL);
    int ignored;
    prctl(PR_SET_NAME, "changes"); // says that it listens now
    if (sigwait(&asked, &ignored) || change_self(what, arguments + 1))
        die(what);
    prctl(PR_SET_NAME, "changed");
    return wait_for_ever();
}
