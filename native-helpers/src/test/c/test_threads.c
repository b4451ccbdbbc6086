/* Threads of other credentials or namespaces than their leader's: glibc keeps them alike, the kernel does not. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "scanned.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Shared with the children: what their threads are. */
struct known {
    _Atomic int32_t other_uid;
    _Atomic int32_t fewer_capabilities;
    _Atomic int32_t other_groups;
    _Atomic int32_t no_new_privs;
    _Atomic int32_t other_mounts;
    _Atomic int32_t other_three;
    _Atomic int32_t returned;
    _Atomic int32_t other_root;
    _Atomic int32_t other_directory;
    _Atomic int32_t alike;
    atomic_int ready;
};

static struct known *known;

static void stay(_Atomic int32_t *tid)
{
    *tid = (int32_t)syscall(SYS_gettid);
    known->ready++;
    for (;;) {
        pause();
    }
}

static void *takes_uid(void *unused)
{
    syscall(SYS_setresuid, 1001, 1002, 1003);
    stay(&known->other_uid);
    return unused;
}

static void *drops_capabilities(void *unused)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{.effective = 1 << CAP_KILL, .permitted = 1 << CAP_KILL}};
    syscall(SYS_capset, &header, data);
    stay(&known->fewer_capabilities);
    return unused;
}

static void *takes_groups(void *unused)
{
    gid_t groups[] = {5, 6, 7};
    syscall(SYS_setgroups, 3, groups);
    syscall(SYS_setresgid, 8, 8, 8);
    stay(&known->other_groups);
    return unused;
}

static void *takes_no_new_privs(void *unused)
{
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    stay(&known->no_new_privs);
    return unused;
}

/* The first needs a root and a working directory that are not the leader's any more. */
static void *leaves_mounts(void *unused)
{
    if (unshare(CLONE_FS) == 0 && unshare(CLONE_NEWNS) == 0) {
        stay(&known->other_mounts);
    }
    return unused;
}

static void *takes_root(void *unused)
{
    if (unshare(CLONE_FS) == 0 && chroot("/proc") == 0) {
        stay(&known->other_root);
    }
    return unused;
}

static void *takes_directory(void *unused)
{
    if (unshare(CLONE_FS) == 0 && chdir("/proc") == 0) {
        stay(&known->other_directory);
    }
    return unused;
}

/* What it has is no longer its leader's, and on the same mount. */
static void *unshares_directories(void *unused)
{
    if (unshare(CLONE_FS) == 0) {
        stay(&known->alike);
    }
    return unused;
}

static void *leaves_three(void *unused)
{
    if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) == 0) {
        stay(&known->other_three);
    }
    return unused;
}

/* What it has is no longer its leader's, and the same. */
static void *leaves_and_returns(void *unused)
{
    int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (unshare(CLONE_NEWNET) == 0 && setns(fd, CLONE_NEWNET) == 0) {
        close(fd);
        stay(&known->returned);
    }
    return unused;
}

static void *takes_nothing(void *unused)
{
    stay(&known->alike);
    return unused;
}

static int start(void *(*const *routines)(void *), int count)
{
    known->ready = 0;
    for (int i = 0; i < count; i++) {
        pthread_t thread;
        int error = pthread_create(&thread, NULL, routines[i], NULL);
        if (error != 0) {
            return error;
        }
    }
    while (known->ready < count) {
        usleep(1000);
    }
    return 0;
}

static int five_kinds(void *unused)
{
    static void *(*const routines[])(void *) = {
            takes_uid, drops_capabilities, takes_groups, takes_no_new_privs, takes_nothing};
    (void)unused;
    return start(routines, 5);
}

static const struct nh_thread *find(const struct scanned *scanned, const struct nh_record *record, int32_t tid)
{
    struct span list = scanned_item(scanned, record->threads_differing);
    const struct nh_thread *threads = (const struct nh_thread *)list.start;
    for (size_t i = 0; i < list.length / sizeof *threads; i++) {
        if (threads[i].tid == tid) {
            return &threads[i];
        }
    }
    return NULL;
}

static struct scanned scan_pid(pid_t pid, int32_t mode)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned scanned = scan_some(handle, mode, &(int32_t){pid}, 1);
    nh_close(handle);
    return scanned;
}

static void each_thread_that_differs_is_told_with_what_it_is(void)
{
    if (!is_root()) {
        SKIP("needs root to take other credentials");
    }
    struct child child = child_start(five_kinds, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_pid(child.pid, NH_WITH_THREADS);
    CHECK(scanned_is_sound(&scanned));
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK(r->threads >= 6);
    CHECK_NUMBER(r->err[NH_ERR_THREADS], 0);
    CHECK_NUMBER(r->uid[1], 0);
    CHECK_NUMBER(r->threads_differing.length, 4 * sizeof(struct nh_thread));
    const struct nh_thread *t = find(&scanned, r, known->other_uid);
    CHECK(t != NULL);
    CHECK_NUMBER(t->err, 0);
    CHECK((t->differs & NH_DIFFERS_UID) != 0);
    CHECK_NUMBER(t->uid[0], 1001);
    CHECK_NUMBER(t->uid[1], 1002);
    CHECK_NUMBER(t->uid[2], 1003);
    CHECK_NUMBER(t->status_seen, r->status_seen);
    t = find(&scanned, r, known->fewer_capabilities);
    CHECK(t != NULL);
    CHECK_NUMBER(t->differs, NH_DIFFERS_CAPABILITIES);
    CHECK_NUMBER(t->cap[NH_CAP_EFFECTIVE], 1 << CAP_KILL);
    CHECK_NUMBER(t->cap[NH_CAP_PERMITTED], 1 << CAP_KILL);
    CHECK_NUMBER(t->cap[NH_CAP_BOUNDING], r->cap[NH_CAP_BOUNDING]);
    t = find(&scanned, r, known->other_groups);
    CHECK(t != NULL);
    CHECK_NUMBER(t->differs, NH_DIFFERS_GID | NH_DIFFERS_GROUPS);
    CHECK_NUMBER(t->gid[1], 8);
    static const uint32_t groups[] = {5, 6, 7};
    CHECK_BYTES(scanned_item(&scanned, t->groups).start, t->groups.length, groups, sizeof groups);
    t = find(&scanned, r, known->no_new_privs);
    CHECK(t != NULL);
    CHECK_NUMBER(t->differs, NH_DIFFERS_NO_NEW_PRIVS);
    CHECK_NUMBER(t->no_new_privs, 1);
    CHECK(find(&scanned, r, known->alike) == NULL);
    scanned_free(&scanned);
    child_end(&child);
}

static int three_places(void *unused)
{
    static void *(*const routines[])(void *) = {leaves_mounts, leaves_three, leaves_and_returns, takes_nothing};
    (void)unused;
    return start(routines, 4);
}

static void each_thread_that_is_elsewhere_is_told_with_where(void)
{
    if (!is_root()) {
        SKIP("needs root to leave namespaces");
    }
    struct child child = child_start(three_places, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_pid(child.pid, SCAN_ALL);
    CHECK(scanned_is_sound(&scanned));
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_THREADS], 0);
    CHECK_NUMBER(r->threads_differing.length, 2 * sizeof(struct nh_thread));
    const struct nh_thread *t = find(&scanned, r, known->other_mounts);
    CHECK(t != NULL);
    /* The copies of the mounts have numbers of their own, where mounts have any. */
    CHECK_NUMBER(t->differs, NH_DIFFERS_NAMESPACES | (r->root_mount != 0 ? NH_DIFFERS_DIRECTORIES : 0));
    CHECK_NUMBER(t->status_seen, r->status_seen);
    CHECK(t->ns[NH_NS_MNT] != r->ns[NH_NS_MNT]);
    CHECK_NUMBER(t->ns[NH_NS_MNT], namespace_inode(t->tid, "mnt"));
    CHECK_NUMBER(t->ns[NH_NS_NET], r->ns[NH_NS_NET]);
    t = find(&scanned, r, known->other_three);
    CHECK(t != NULL);
    CHECK_NUMBER(t->differs, NH_DIFFERS_NAMESPACES);
    static const int left[] = {NH_NS_IPC, NH_NS_NET, NH_NS_UTS};
    for (size_t i = 0; i < 3; i++) {
        CHECK_NUMBER(t->ns_err[left[i]], 0);
        CHECK(t->ns[left[i]] != r->ns[left[i]]);
        CHECK_NUMBER(t->ns[left[i]], namespace_inode(t->tid, namespace_links[left[i]]));
    }
    CHECK_NUMBER(t->ns[NH_NS_MNT], r->ns[NH_NS_MNT]);
    CHECK_NUMBER(t->ns_err[NH_NS_USER], NH_SKIPPED);
    CHECK_NUMBER(t->ns_err[NH_NS_PID], NH_SKIPPED);
    CHECK(find(&scanned, r, known->returned) == NULL);
    CHECK(find(&scanned, r, known->alike) == NULL);
    scanned_free(&scanned);
    child_end(&child);
}

static int three_directories(void *unused)
{
    static void *(*const routines[])(void *) = {takes_root, takes_directory, unshares_directories};
    (void)unused;
    return start(routines, 3);
}

static void each_thread_with_other_directories_is_told_with_their_mounts(void)
{
    if (!is_root()) {
        SKIP("needs root for another root");
    }
    struct child child = child_start(three_directories, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_pid(child.pid, SCAN_ALL);
    CHECK(scanned_is_sound(&scanned));
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_THREADS], 0);
    if (r->root_mount == 0) {
        CHECK_NUMBER(r->threads_differing.length, 0);
        child_end(&child);
        SKIP("no mount ids here (an emulator, or before Linux 5.8)");
    }
    CHECK_NUMBER(r->threads_differing.length, 2 * sizeof(struct nh_thread));
    const struct nh_thread *t = find(&scanned, r, known->other_root);
    CHECK(t != NULL);
    CHECK_NUMBER(t->differs, NH_DIFFERS_DIRECTORIES);
    CHECK_NUMBER(t->root_err, 0);
    CHECK_NUMBER(t->cwd_err, 0);
    CHECK(t->root_mount != r->root_mount);
    CHECK_NUMBER(t->cwd_mount, r->cwd_mount);
    uint64_t proc = t->root_mount;
    t = find(&scanned, r, known->other_directory);
    CHECK(t != NULL);
    CHECK_NUMBER(t->differs, NH_DIFFERS_DIRECTORIES);
    CHECK_NUMBER(t->root_mount, r->root_mount);
    CHECK_NUMBER(t->cwd_mount, proc);
    CHECK(find(&scanned, r, known->alike) == NULL);
    scanned_free(&scanned);
    scanned = scan_pid(child.pid, NH_WITH_THREADS);
    r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->threads_differing.length, 0);
    scanned_free(&scanned);
    child_end(&child);
}

static int one_with_no_new_privs(void *unused)
{
    static void *(*const routines[])(void *) = {takes_no_new_privs};
    (void)unused;
    return start(routines, 1);
}

static void threads_are_compared_only_when_asked(void)
{
    struct child child = child_start(one_with_no_new_privs, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_pid(child.pid, 0);
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_THREADS], NH_SKIPPED);
    CHECK_NUMBER(r->threads_differing.length, 0);
    scanned_free(&scanned);
    scanned = scan_pid(child.pid, NH_WITH_THREADS);
    r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->no_new_privs, 0);
    CHECK_NUMBER(r->threads_differing.length, sizeof(struct nh_thread));
    scanned_free(&scanned);
    child_end(&child);
}

static void a_leader_that_ended_does_not_hide_its_process(void)
{
    known->ready = 0;
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        pthread_create(&thread, NULL, takes_no_new_privs, NULL);
        syscall(SYS_exit, 0); /* this thread only */
    }
    struct child child = {pid, -1, 0};
    char path[64];
    char text[1024] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    while (known->ready == 0 || strstr(text, ") Z ") == NULL) {
        CHECK(read_text(path, text, sizeof text) > 0);
    }
    struct scanned scanned = scan_pid(pid, SCAN_ALL);
    CHECK(scanned_is_sound(&scanned));
    const struct nh_record *r = scanned_find(&scanned, pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->state, 'Z');
    CHECK(r->threads >= 2);
    CHECK(r->read_tid != pid);
    CHECK_NUMBER(r->err[NH_ERR_EXE], 0);
    CHECK(r->exe.length > 0);
    CHECK_NUMBER(r->err[NH_ERR_EXE_ID], 0);
    CHECK_NUMBER(r->err[NH_ERR_NS + NH_NS_MNT], 0);
    CHECK_NUMBER(r->ns[NH_NS_MNT], namespace_inode(getpid(), "mnt"));
    CHECK(r->cmdline.length > 0);
    const struct nh_thread *t = find(&scanned, r, known->no_new_privs);
    CHECK(t != NULL);
    CHECK((t->differs & NH_DIFFERS_NO_NEW_PRIVS) != 0);
    scanned_free(&scanned);
    child_end(&child);
}

static void *ends(void *unused)
{
    return unused;
}

static void *starts_without_end(void *unused)
{
    for (;;) {
        pthread_t threads[8];
        int started = 0;
        while (started < 8 && pthread_create(&threads[started], NULL, ends, NULL) == 0) {
            started++;
        }
        while (started > 0) {
            pthread_join(threads[--started], NULL);
        }
    }
    return unused;
}

static int short_lived_threads(void *unused)
{
    pthread_t thread;
    (void)unused;
    return pthread_create(&thread, NULL, starts_without_end, NULL);
}

static void threads_that_end_meanwhile_are_left_out(void)
{
    struct child child = child_start(short_lived_threads, NULL);
    CHECK_NUMBER(child.error, 0);
    unsigned most = 0;
    unsigned told = 0;
    for (int i = 0; i < 2000; i++) {
        struct scanned scanned = scan_pid(child.pid, SCAN_ALL);
        CHECK(scanned_is_sound(&scanned));
        const struct nh_record *r = scanned_find(&scanned, child.pid);
        CHECK(r != NULL);
        CHECK_NUMBER(r->err[NH_ERR_THREADS], 0);
        most = r->threads > most ? r->threads : most;
        told += r->threads_differing.length;
        scanned_free(&scanned);
    }
    child_end(&child);
    CHECK_NUMBER(told, 0);
    CHECK(most > 2); /* else none was there to end */
}

int main(void)
{
    known = mmap(NULL, sizeof *known, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (known == MAP_FAILED) {
        return 1;
    }
    RUN(each_thread_that_differs_is_told_with_what_it_is);
    RUN(each_thread_that_is_elsewhere_is_told_with_where);
    RUN(each_thread_with_other_directories_is_told_with_their_mounts);
    RUN(threads_are_compared_only_when_asked);
    RUN(a_leader_that_ended_does_not_hide_its_process);
    RUN(threads_that_end_meanwhile_are_left_out);
    return check_result();
}
