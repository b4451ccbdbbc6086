/* Processes that end while they are read, and numbers that are given away again. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "procfs.h"
#include "scanned.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A child that has this pid. */
static pid_t fork_as(pid_t pid)
{
    struct clone_args arguments = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&pid, .set_tid_size = 1};
    pid_t child = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
    if (child == 0) {
        for (;;) {
            pause();
        }
    }
    return child;
}

/* What the whole library stands on: a descriptor of a process's directory never shows another process. */
static void a_number_given_away_again_is_another_process(void)
{
    struct child first = child_start(NULL, NULL);
    CHECK_NUMBER(first.error, 0);
    int32_t pid = first.pid;
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned before = scan_some(handle, 0, &pid, 1);
    const struct nh_record *r = scanned_find(&before, pid);
    CHECK(r != NULL);
    uint64_t start_time = r->start_time;
    CLOSES int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLOSES int dir = procfs_open_pid(proc, pid);
    CHECK(dir >= 0);
    child_end(&first);
    nanosleep(&(struct timespec){0, 30000000}, NULL); /* beyond a clock tick: another start time */
    struct child second = {fork_as(pid), -1, 0};
    if (second.pid < 0) {
        scanned_free(&before);
        nh_close(handle);
        SKIP("cannot choose a pid (needs root, Linux 5.5 and no emulator)");
    }
    CHECK_NUMBER(second.pid, pid);
    struct scratch scratch = {0};
    struct span text;
    CHECK(IS_GONE(procfs_read_record(dir, "stat", &scratch, &text)));
    CHECK(IS_GONE(procfs_read_record(dir, "status", &scratch, &text)));
    CHECK(IS_GONE(procfs_read_link(dir, "exe", &scratch, &text)));
    CHECK(IS_GONE(procfs_read_link(dir, "ns/mnt", &scratch, &text)));
    scratch_free(&scratch);
    char status[4096];
    CHECK_NUMBER(nh_read(handle, pid, start_time, NH_READ_STATUS, status, sizeof status), -ESRCH);
    CHECK(nh_read(handle, pid, 0, NH_READ_STATUS, status, sizeof status) > 0);
    struct scanned after = scan_all(handle, NH_DELTA);
    r = scanned_find(&after, pid);
    CHECK(r != NULL);
    CHECK(r->start_time > start_time);
    scanned_free(&before);
    scanned_free(&after);
    nh_close(handle);
    child_end(&second);
}

/* Has so much memory that it takes the kernel a while to take it back. */
static pid_t start_slow_death(void)
{
    enum { MEMORY = 128 << 20 };
    int ready[2];
    char byte;
    if (pipe2(ready, O_CLOEXEC) < 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        char *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED) {
            madvise(memory, MEMORY, MADV_NOHUGEPAGE);
            memset(memory, 1, MEMORY);
        }
        _exit(write(ready[1], "x", 1) != 1);
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) {
        pid = -1;
    }
    close(ready[0]);
    return pid;
}

static void what_a_dying_process_has_lost_is_not_told_as_absent(void)
{
    unsigned dying = 0;
    unsigned lacking = 0;
    int64_t handle = nh_open("/proc", 4096, 0);
    for (int i = 0; i < 3; i++) {
        struct child child = {start_slow_death(), -1, 0};
        CHECK(child.pid > 0);
        for (bool zombie = false; !zombie;) {
            int mode = NH_WITH_EXE_ID | (i == 0 ? NH_WITH_DIRECTORIES : 0);
            struct scanned scanned = scan_some(handle, mode, &(int32_t){child.pid}, 1);
            const struct nh_record *r = scanned_find(&scanned, child.pid);
            zombie = r != NULL && r->state == 'Z';
            dying += r == NULL;
            lacking += r != NULL && !zombie && (r->err[NH_ERR_EXE] != 0 || r->cmdline.length == 0);
            scanned_free(&scanned);
        }
        child_end(&child);
    }
    nh_close(handle);
    CHECK_NUMBER(lacking, 0);
    if (dying == 0) {
        SKIP("died too quickly to be seen dying (an emulator?)");
    }
}

/* Starts children without end, each of which ends at once or within a millisecond. */
static int fork_storm(void *unused)
{
    (void)unused;
    pid_t storm = fork();
    if (storm != 0) {
        return storm < 0 ? errno : 0;
    }
    pid_t parent = getppid();
    for (unsigned i = 0; getppid() == parent; i++) {
        pid_t child = fork();
        if (child == 0) {
            if (i % 3 != 0) {
                nanosleep(&(struct timespec){0, (long)(i % 100) * 10000}, NULL);
            }
            _exit(0);
        }
        if (i % 2 == 0) {
            waitpid(-1, NULL, WNOHANG);
            waitpid(-1, NULL, WNOHANG);
            waitpid(-1, NULL, WNOHANG);
        }
        if (i % 16 == 0) {
            while (waitpid(-1, NULL, 0) > 0) {
            }
        }
    }
    _exit(0);
}

static void short_lived_processes_are_read_whole_or_not_at_all(void)
{
    struct child storms[2] = {child_start(fork_storm, NULL), child_start(fork_storm, NULL)};
    unsigned gone = 0;
    unsigned mixed = 0;
    int64_t handle = nh_open("/proc", 4096, 0);
    time_t begin = time(NULL);
    for (int i = 0; i < 100 && (gone == 0 || time(NULL) - begin < 3); i++) {
        struct scanned scanned = scan_all(handle, SCAN_ALL);
        CHECK(scanned_is_sound(&scanned));
        gone += scanned.header.gone;
        for (uint32_t j = 0; j < scanned.header.changed; j++) {
            const struct nh_record *r = (const struct nh_record *)(scanned.buffer + sizeof(struct nh_header)) + j;
            bool dead = r->state == 'Z' || r->state == 'X';
            mixed += r->err[NH_ERR_STAT] != 0 || r->err[NH_ERR_STATUS] != 0;
            for (int field = 0; field < NH_ERR_COUNT; field++) {
                mixed += r->err[field] == ESRCH;
            }
            if ((r->flags & NH_KERNEL_THREAD) == 0 && !dead) { /* EACCES would be of a mightier process than we are */
                mixed += r->err[NH_ERR_NS + NH_NS_MNT] == ENOENT || r->err[NH_ERR_NS + NH_NS_PID] == ENOENT
                        || r->err[NH_ERR_EXE] == ENOENT || r->err[NH_ERR_EXE_ID] == ENOENT;
            }
        }
        scanned_free(&scanned);
    }
    nh_close(handle);
    child_end(&storms[0]);
    child_end(&storms[1]);
    CHECK_NUMBER(mixed, 0);
    CHECK(gone > 0); /* else nothing was tried */
}

int main(void)
{
    RUN(a_number_given_away_again_is_another_process);
    RUN(what_a_dying_process_has_lost_is_not_told_as_absent);
    RUN(short_lived_processes_are_read_whole_or_not_at_all);
    return check_result();
}
