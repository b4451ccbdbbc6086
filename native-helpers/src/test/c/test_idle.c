/* Who did not run is not read, unless his parent went or his turn has come. That nothing is missed: test_changes.c. */
#define _GNU_SOURCE
#include "changing.h"
#include "check.h"
#include "child.h"
#include "handle.h"
#include "scanned.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define BY_SCHEDSTAT (NH_DELTA | NH_BY_SCHEDSTAT | NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES | NH_WITH_TIME_NS)

static struct handle *of(int64_t handle)
{
    return (struct handle *)(intptr_t)handle;
}

static void scan_and_forget(int64_t handle)
{
    struct scanned scanned = scan_all(handle, BY_SCHEDSTAT);
    scanned_free(&scanned);
}

static bool is_read_again(const struct handle *h, pid_t pid)
{
    const struct watched *process = watched_find(&h->idle.last, pid);
    return process != NULL && !process->unchanged;
}

/* Until it sleeps, and its being born is history. */
static void let_settle(int64_t handle)
{
    for (int i = 0; i < 3; i++) {
        usleep(20000);
        scan_and_forget(handle);
    }
}

static void who_does_not_run_is_not_read(void)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    struct changing sleeper = changing_start();
    let_settle(handle);
    int left_alone = 0;
    int read = 0;
    for (int i = 0; i < 20; i++) {
        struct scanned next = scan_all(handle, BY_SCHEDSTAT);
        CHECK_NUMBER(next.header.backend, NH_BACKEND_SCHEDSTAT);
        CHECK(next.header.total > next.header.changed);
        CHECK(is_read_again(of(handle), getpid())); /* who runs is */
        scanned_free(&next);
        read += is_read_again(of(handle), sleeper.pid);
        left_alone += of(handle)->idle.last.changed < of(handle)->idle.last.count / 2;
    }
    CHECK(read <= 1); /* its turn may have come */
    CHECK(left_alone > 10);
    changing_tell(&sleeper, TAKE_NAME, 1);
    scan_and_forget(handle);
    CHECK(is_read_again(of(handle), sleeper.pid));
    changing_stop(&sleeper);
    struct scanned last = scan_all(handle, BY_SCHEDSTAT);
    CHECK(scanned_find(&last, sleeper.pid) == NULL);
    CHECK(last.header.ended_count > 0);
    scanned_free(&last);
    nh_close(handle);
}

static void a_thread_that_runs_is_enough(void)
{
    if (!is_root()) {
        SKIP("not root");
    }
    int64_t handle = nh_open("/proc", 4096, 0);
    struct changing threaded = changing_start();
    CHECK(changing_tell(&threaded, ADD_THREAD, 1));
    let_settle(handle);
    int read = 0;
    for (int i = 0; i < 5; i++) {
        scan_and_forget(handle);
        read += is_read_again(of(handle), threaded.pid);
    }
    CHECK(read <= 1);
    kill(threaded.pid, SIGSTOP); /* wakes all of them */
    kill(threaded.pid, SIGCONT);
    usleep(20000);
    scan_and_forget(handle);
    CHECK(is_read_again(of(handle), threaded.pid));
    changing_stop(&threaded);
    nh_close(handle);
}

/* A grandchild that sleeps all the while comes to somebody else. */
static void whose_parent_goes_is_read(void)
{
    int told[2];
    pid_t orphan = 0;
    int64_t handle = nh_open("/proc", 4096, 0);
    CHECK(pipe(told) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        pid_t child = fork();
        if (child != 0) {
            write(told[1], &child, sizeof child);
        }
        pause();
        _exit(0);
    }
    CHECK_NUMBER(read(told[0], &orphan, sizeof orphan), sizeof orphan);
    let_settle(handle);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    struct scanned gone = scan_all(handle, BY_SCHEDSTAT);
    const struct nh_record *record = scanned_find(&gone, orphan);
    CHECK(record != NULL && record->ppid != parent);
    scanned_free(&gone);
    kill(orphan, SIGKILL);
    close(told[0]);
    close(told[1]);
    nh_close(handle);
}

/* It may sleep in another cgroup than it was read in. */
static void who_is_doubted_is_read_once(void)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    struct changing sleeper = changing_start();
    let_settle(handle);
    int doubted = 0;
    int after = 0;
    for (int i = 0; i < 10; i++) {
        CHECK_NUMBER(nh_doubt(handle, &sleeper.pid, 1), 0);
        scan_and_forget(handle);
        doubted += is_read_again(of(handle), sleeper.pid);
        scan_and_forget(handle);
        after += is_read_again(of(handle), sleeper.pid);
    }
    CHECK_NUMBER(doubted, 10);
    CHECK(after <= 1); /* its turn may have come */
    changing_stop(&sleeper);
    nh_close(handle);
}

static void everything_is_read_again_once_a_minute(void)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    struct handle *h = of(handle);
    struct changing sleeper = changing_start();
    let_settle(handle);
    uint64_t start_ns = h->idle.last_ns;
    int times = 0;
    for (uint64_t second = 1; second <= 60; second++) {
        CHECK_NUMBER(procfs_list(h->root, &h->file, &h->pids), 0);
        CHECK_NUMBER(idle_look(h, start_ns + second * (IDLE_REREAD_NS / 60)), 0);
        const struct watched *process = watched_find(&h->idle.now, sleeper.pid);
        times += process != NULL && !process->unchanged;
        idle_commit(&h->idle);
    }
    changing_stop(&sleeper);
    nh_close(handle);
    CHECK_NUMBER(times, 1);
}

int main(int argc, char **argv)
{
    if (changing_main(argc, argv)) {
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    RUN(who_does_not_run_is_not_read);
    RUN(a_thread_that_runs_is_enough);
    RUN(whose_parent_goes_is_read);
    RUN(who_is_doubted_is_read_once);
    RUN(everything_is_read_again_once_a_minute);
    return check_result();
}
