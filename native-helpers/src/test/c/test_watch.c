/* What the iterator shows to be as it was is not read, and where it cannot be used all is. That it misses nothing: test_changes.c. */
#define _GNU_SOURCE
#include "changing.h"
#include "check.h"
#include "child.h"
#include "handle.h"
#include "print.h"
#include "scanned.h"
#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BY_ITERATOR (NH_DELTA | NH_BY_ITERATOR | NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES | NH_WITH_TIME_NS)
#define DETAIL (BY_ITERATOR & ~(NH_DELTA | NH_BY_ITERATOR))

static int64_t open_iterator(char *why, size_t capacity)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    int error = nh_iterator_open(handle, why, (int64_t)capacity);
    if (error < 0) {
        nh_close(handle);
        return error;
    }
    return handle;
}

#define OPEN_OR_SKIP(handle)                                                                                           \
    char why_[512];                                                                                                    \
    int64_t handle = open_iterator(why_, sizeof why_);                                                                 \
    if (handle < 0) {                                                                                                  \
        SKIP(why_);                                                                                                    \
    }

static void what_does_not_change_is_not_read(void)
{
    OPEN_OR_SKIP(handle);
    struct handle *h = (struct handle *)(intptr_t)handle;
    struct changing process = changing_start();
    struct scanned first = scan_all(handle, BY_ITERATOR);
    CHECK(scanned_find(&first, process.pid) != NULL);
    CHECK_NUMBER(first.header.backend, NH_BACKEND_ITERATOR);
    CHECK(first.header.total >= first.header.changed);
    scanned_free(&first);
    int left_alone = 0;
    for (int i = 0; i < 20; i++) {
        struct scanned next = scan_all(handle, BY_ITERATOR);
        CHECK(scanned_find(&next, process.pid) == NULL);
        CHECK(next.header.total > 1);
        scanned_free(&next);
        left_alone += h->watch.last.changed < h->watch.last.count / 2;
    }
    changing_stop(&process);
    CHECK(left_alone > 10);
    struct scanned last = scan_all(handle, BY_ITERATOR);
    struct span ended = scanned_item(&last, (struct nh_item){last.header.ended_offset, 4 * last.header.ended_count});
    bool told = false;
    for (size_t i = 0; i < ended.length / 4; i++) {
        told = told || ((const int32_t *)ended.start)[i] == process.pid;
    }
    scanned_free(&last);
    nh_close(handle);
    CHECK(told);
}

/* Some kernels keep their first process from iterators. */
static void who_is_in_proc_is_in_every_scan(void)
{
    OPEN_OR_SKIP(handle);
    struct scanned first = scan_all(handle, BY_ITERATOR);
    scanned_free(&first);
    for (int i = 0; i < 3; i++) {
        struct scanned next = scan_all(handle, BY_ITERATOR);
        const struct handle *h = (const struct handle *)(intptr_t)handle;
        CHECK_NUMBER(next.header.backend, NH_BACKEND_ITERATOR);
        CHECK(delta_last(&h->delta, 1) != NULL);
        CHECK(delta_last(&h->delta, getpid()) != NULL);
        scanned_free(&next);
    }
    nh_close(handle);
}

static void everything_is_read_again_now_and_then(void)
{
    OPEN_OR_SKIP(handle);
    struct handle *h = (struct handle *)(intptr_t)handle;
    struct scanned first = scan_all(handle, BY_ITERATOR);
    scanned_free(&first);
    struct changing process = changing_start();
    struct scanned second = scan_all(handle, BY_ITERATOR);
    scanned_free(&second);
    uint64_t start_ns = h->watch.last_ns;
    int times = 0;
    for (uint64_t second_no = 1; second_no <= 60; second_no++) {
        CHECK_NUMBER(watch_look(h, start_ns + second_no * (WATCH_REREAD_NS / 60)), 0);
        for (size_t i = 0; i < h->watch.now.count; i++) {
            times += h->watch.now.entries[i].pid == process.pid && !h->watch.now.entries[i].unchanged;
        }
        watch_commit(&h->watch);
    }
    changing_stop(&process);
    nh_close(handle);
    CHECK_NUMBER(times, 1);
}

/* Is the table of that process's mount namespace among those that changed? */
static bool tells_of(const struct scanned *scanned, pid_t pid)
{
    char path[64];
    struct stat status;
    struct span inodes =
            scanned_item(scanned, (struct nh_item){scanned->header.mounts_offset, 4 * scanned->header.mounts_count});
    snprintf(path, sizeof path, "/proc/%d/ns/mnt", pid);
    bool told = false;
    for (size_t i = 0; i < inodes.length / 4 && stat(path, &status) == 0; i++) {
        told = told || ((const uint32_t *)inodes.start)[i] == status.st_ino;
    }
    return told;
}

static uint64_t mount_changes(int64_t handle)
{
    struct scanned scanned = scan_all(handle, BY_ITERATOR);
    uint64_t changes = scanned.header.mount_changes;
    scanned_free(&scanned);
    return changes;
}

/* A full scan reads what the iterator has not shown: neither its processes nor its mounts are known to be as they were. */
static void after_a_scan_without_it_nothing_is_taken_for_unchanged(void)
{
    OPEN_OR_SKIP(handle);
    struct handle *h = (struct handle *)(intptr_t)handle;
    mount_changes(handle);
    uint64_t quiet = mount_changes(handle);
    h->watch.mount_changes++; /* as a mount would have */
    struct scanned full = scan_all(handle, BY_ITERATOR & ~(NH_DELTA | NH_BY_ITERATOR));
    CHECK(full.header.mount_changes > quiet + 1);
    CHECK_NUMBER(full.header.iterator_error, 0);
    scanned_free(&full);
    struct scanned next = scan_all(handle, BY_ITERATOR);
    CHECK_NUMBER(next.header.backend, NH_BACKEND_ITERATOR);
    CHECK_NUMBER(h->watch.last.changed, h->watch.last.count);
    scanned_free(&next);
    nh_close(handle);
}

/* The link is taken away while it is in use, as a kernel that has no memory or no descriptors does for a moment. */
static void a_scan_that_it_fails_in_reads_all_and_says_why(void)
{
    OPEN_OR_SKIP(handle);
    struct handle *h = (struct handle *)(intptr_t)handle;
    struct changing process = changing_start();
    struct scanned before = scan_all(handle, BY_ITERATOR);
    scanned_free(&before);
    int link = dup(h->watch.link);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(link >= 0 && nothing >= 0 && dup2(nothing, h->watch.link) >= 0);
    changing_tell(&process, TAKE_UID, 4); /* real user id 1 */
    struct scanned without = scan_all(handle, BY_ITERATOR);
    const struct nh_record *record = scanned_find(&without, process.pid);
    CHECK_NUMBER(without.header.backend, NH_BACKEND_PROCFS);
    CHECK_NUMBER(without.header.iterator_error, EINVAL);
    CHECK(record != NULL && (!is_root() || record->uid[0] == 1));
    scanned_free(&without);
    CHECK(dup2(link, h->watch.link) >= 0);
    close(link);
    close(nothing);
    struct scanned again = scan_all(handle, BY_ITERATOR);
    CHECK_NUMBER(again.header.backend, NH_BACKEND_ITERATOR);
    CHECK_NUMBER(again.header.iterator_error, 0);
    scanned_free(&again);
    changing_stop(&process);
    nh_close(handle);
}

static int mounts_when_told(void *pipes)
{
    int *ends = pipes;
    char byte;
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        return errno;
    }
    pid_t pid = fork();
    if (pid == 0) {
        const char *const root = "/tmp";
        close(ends[1]);
        while (read(ends[0], &byte, 1) == 1) {
            int result = byte == 'm' ? mount("none", root, "tmpfs", 0, NULL)
                    : byte == 'r'    ? mount(NULL, root, NULL, MS_REMOUNT | MS_RDONLY, NULL)
                    : byte == 'b'    ? mount(NULL, root, NULL, MS_REMOUNT | MS_BIND | MS_NOEXEC, NULL)
                                     : umount(root);
            byte = result == 0 ? 'y' : 'n';
            if (write(ends[3], &byte, 1) != 1) {
                break;
            }
        }
        _exit(0);
    }
    return pid < 0 ? errno : 0;
}

static void a_mount_that_changes_is_told(void)
{
    OPEN_OR_SKIP(handle);
    int orders[2];
    int answers[2];
    if (!is_root() || !((struct handle *)(intptr_t)handle)->watch.has_mount_events) {
        SKIP("not root, or a kernel whose mount namespaces have no events");
    }
    CHECK(pipe(orders) == 0 && pipe(answers) == 0);
    int ends[] = {orders[0], orders[1], answers[0], answers[1]};
    struct child child = child_start(mounts_when_told, ends);
    CHECK_NUMBER(child.error, 0);
    mount_changes(handle);
    int quiet = 0;
    for (int i = 0; i < 5; i++) {
        uint64_t before = mount_changes(handle);
        quiet += mount_changes(handle) == before;
    }
    bool seen = true;
    bool told_of_us = false;
    for (const char *what = "mrbumu"; *what != '\0'; what++) {
        char answer = 'n';
        uint64_t before = mount_changes(handle);
        bool done = write(orders[1], what, 1) == 1 && read(answers[0], &answer, 1) == 1 && answer == 'y';
        struct scanned scanned = scan_all(handle, BY_ITERATOR);
        seen = seen && done && scanned.header.mount_changes == before + 1 && tells_of(&scanned, child.pid);
        told_of_us = told_of_us || tells_of(&scanned, getpid());
        scanned_free(&scanned);
    }
    close(orders[0]);
    close(orders[1]);
    close(answers[0]);
    close(answers[1]);
    child_end(&child);
    nh_close(handle);
    CHECK(seen);
    if (quiet == 5) {
        CHECK(!told_of_us);
    }
    CHECK(quiet > 0); /* others may mount something on this machine */
}

static void without_the_iterator_every_scan_says_that_mounts_may_have_changed(void)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    uint64_t before = mount_changes(handle);
    CHECK(mount_changes(handle) > before);
    struct scanned scanned = scan_all(handle, BY_ITERATOR);
    CHECK_NUMBER(scanned.header.backend, NH_BACKEND_PROCFS);
    CHECK_NUMBER(scanned.header.iterator_error, ENODEV);
    scanned_free(&scanned);
    nh_close(handle);
}

/* -------- where it cannot be used -------- */

static int refusal(const char *text, int expected)
{
    char why[512] = "";
    int64_t handle = open_iterator(why, sizeof why);
    if (handle != expected || strstr(why, text) == NULL || strchr(why, '\n') != NULL) {
        printf("refused with %ld '%s', not %d '%s'\n", (long)handle, why, expected, text);
        return 1;
    }
    return 0;
}

static int status_of(int (*test)(void))
{
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(test());
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int as_nobody(void)
{
    return setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0 || refusal("CAP_BPF", -EPERM);
}

static int in_a_user_namespace(void)
{
    return unshare(CLONE_NEWUSER) < 0 || refusal("first user namespace", -EPERM);
}

static int deeper(void)
{
    return refusal("hostPID", -EXDEV);
}

static int in_a_pid_namespace(void)
{
    return unshare(CLONE_NEWPID) < 0 || status_of(deeper);
}

static void where_it_cannot_be_used_it_says_why(void)
{
    OPEN_OR_SKIP(handle);
    nh_close(handle);
    if (!is_root()) {
        SKIP("not root");
    }
    CHECK_NUMBER(status_of(as_nobody), 0);
    CHECK_NUMBER(status_of(in_a_user_namespace), 0);
    CHECK_NUMBER(status_of(in_a_pid_namespace), 0);
}

static void a_captured_tree_has_no_iterator(void)
{
    char why[512] = "";
    char *root = tree_new();
    int64_t handle = nh_open(root, 0, 0);
    CHECK_NUMBER(nh_iterator_open(handle, why, sizeof why), -EOPNOTSUPP);
    CHECK(strstr(why, "captured") != NULL);
    CHECK_NUMBER(nh_iterator_open(handle, NULL, 10), -EINVAL);
    CHECK_NUMBER(nh_iterator_open(handle, why, 0), -EINVAL);
    CHECK_NUMBER(nh_iterator_open(handle, why, 5), -EOPNOTSUPP);
    CHECK_NUMBER(strlen(why), 4);
    nh_close(handle);
    tree_remove(root);
}

static void a_mode_that_means_nothing_is_refused(void)
{
    _Alignas(8) char buffer[256];
    int64_t handle = nh_open("/proc", 0, 0);
    int32_t pid = getpid();
    CHECK_NUMBER(nh_scan(handle, NH_BY_ITERATOR, buffer, sizeof buffer), -EINVAL);
    CHECK_NUMBER(nh_scan(handle, NH_BY_SCHEDSTAT, buffer, sizeof buffer), -EINVAL);
    CHECK_NUMBER(nh_detail(handle, NH_BY_ITERATOR, &pid, 1, buffer, sizeof buffer), -EINVAL);
    nh_close(handle);
}

int main(int argc, char **argv)
{
    if (changing_main(argc, argv)) {
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    RUN(what_does_not_change_is_not_read);
    RUN(who_is_in_proc_is_in_every_scan);
    RUN(everything_is_read_again_now_and_then);
    RUN(after_a_scan_without_it_nothing_is_taken_for_unchanged);
    RUN(a_scan_that_it_fails_in_reads_all_and_says_why);
    RUN(a_mount_that_changes_is_told);
    RUN(without_the_iterator_every_scan_says_that_mounts_may_have_changed);
    RUN(where_it_cannot_be_used_it_says_why);
    RUN(a_captured_tree_has_no_iterator);
    RUN(a_mode_that_means_nothing_is_refused);
    return check_result();
}
