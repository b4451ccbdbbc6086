/* nh_sysctl: values as a container's namespaces have them, without the caller moving an inch. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "plumbline.h"
#include "tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char names[] =
        "net/ipv4/ip_unprivileged_port_start\0kernel/shm_rmid_forced\0kernel/hostname\0kernel/msgmax";

static int put(const char *path, const char *value)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    ssize_t written = write(fd, value, strlen(value));
    int error = written < 0 ? errno : 0;
    close(fd);
    return error;
}

/* A network namespace of its own counts for the one who opens the file, so this is written from inside. */
static int take_values(void *unused)
{
    (void)unused;
    if (unshare(CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0 || sethostname("plumb", 5) < 0) {
        return errno;
    }
    int error = put("/proc/sys/net/ipv4/ip_unprivileged_port_start", "77");
    if (error == 0) {
        error = put("/proc/sys/kernel/shm_rmid_forced", "1");
    }
    return error != 0 ? error : put("/proc/sys/kernel/msgmax", "4711");
}

/* Goes to the answer of the index-th name. */
static struct nh_value answer(const char *out, int index, const char **ret_text)
{
    struct nh_value value;
    for (;;) {
        memcpy(&value, out, sizeof value);
        *ret_text = out + sizeof value;
        if (index-- == 0) {
            return value;
        }
        out += sizeof value + ((value.length + 7) & ~7u);
    }
}

static int count_threads(void)
{
    int count = 0;
    DIR *task = opendir("/proc/self/task");
    for (struct dirent *entry; (entry = readdir(task)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(task);
    return count;
}

static void values_are_those_inside_and_the_caller_stays_outside(void)
{
    if (!is_root()) {
        SKIP("needs root to enter namespaces");
    }
    _Alignas(8) char out[4096];
    const char *text;
    struct child child = child_start(take_values, NULL);
    if (child.error != 0) {
        SKIP("cannot set these sysctls in namespaces of our own");
    }
    unsigned net = namespace_inode(getpid(), "net");
    unsigned ipc = namespace_inode(getpid(), "ipc");
    unsigned uts = namespace_inode(getpid(), "uts");
    int threads = count_threads();
    int64_t handle = nh_open("/proc", 0, 0);
    int64_t length = nh_sysctl(handle, child.pid, 0, names, sizeof names, out, sizeof out);
    CHECK(length > 0);
    struct nh_value value = answer(out, 0, &text);
    CHECK_NUMBER(value.error, 0);
    CHECK_BYTES(text, value.length, "77\n", 3);
    value = answer(out, 1, &text);
    CHECK_NUMBER(value.error, 0);
    CHECK_BYTES(text, value.length, "1\n", 2);
    value = answer(out, 2, &text);
    CHECK_NUMBER(value.error, 0);
    CHECK_BYTES(text, value.length, "plumb\n", 6);
    value = answer(out, 3, &text);
    CHECK_NUMBER(value.error, 0);
    CHECK_BYTES(text, value.length, "4711\n", 5);
    CHECK(namespace_inode(child.pid, "net") != net);
    CHECK_NUMBER(namespace_inode(getpid(), "net"), net);
    CHECK_NUMBER(namespace_inode(getpid(), "ipc"), ipc);
    CHECK_NUMBER(namespace_inode(getpid(), "uts"), uts);
    for (int i = 0; i < 1000 && count_threads() > threads; i++) {
        usleep(1000); /* a thread that was joined is listed for a moment longer */
    }
    CHECK_NUMBER(count_threads(), threads);
    char before[64];
    long own = read_text("/proc/sys/kernel/msgmax", before, sizeof before);
    length = nh_sysctl(handle, getpid(), 0, names, sizeof names, out, sizeof out);
    CHECK(length > 0);
    value = answer(out, 3, &text);
    CHECK_BYTES(text, value.length, before, (size_t)own);
    nh_close(handle);
    child_end(&child);
}

static void too_little_room_says_how_much_it_takes(void)
{
    _Alignas(8) char out[4096];
    char *small = malloc(16);
    int64_t handle = nh_open("/proc", 0, 0);
    int64_t length = nh_sysctl(handle, getpid(), 0, names, sizeof names, out, sizeof out);
    CHECK(length >= 4 * (int64_t)sizeof(struct nh_value));
    CHECK_NUMBER(nh_sysctl(handle, getpid(), 0, names, sizeof names, small, 16), length);
    nh_close(handle);
    free(small);
}

static void names_that_no_namespace_has_or_that_lead_elsewhere_are_refused(void)
{
    static const char bad[] =
            "vm/swappiness\0net/../vm/swappiness\0net//core/somaxconn\0net/./core/somaxconn\0\0/etc/passwd\0net/\0"
            "kernel/hostname/..\0kernel/hostnames\0kernel/../net/core/somaxconn\0../self/environ";
    _Alignas(8) char out[4096];
    const char *text;
    int64_t handle = nh_open("/proc", 0, 0);
    CHECK_NUMBER(nh_sysctl(handle, getpid(), 0, bad, sizeof bad, out, sizeof out), 11 * sizeof(struct nh_value));
    for (int i = 0; i < 11; i++) {
        struct nh_value value = answer(out, i, &text);
        CHECK_NUMBER(value.error, EINVAL);
        CHECK_NUMBER(value.length, 0);
    }
    nh_close(handle);
}

static void a_sysctl_that_is_not_there_is_absent(void)
{
    if (!is_root()) {
        SKIP("needs root to enter namespaces");
    }
    static const char missing[] = "net/ipv4/no_such_thing";
    _Alignas(8) char out[64];
    const char *text;
    int64_t handle = nh_open("/proc", 0, 0);
    CHECK_NUMBER(nh_sysctl(handle, getpid(), 0, missing, sizeof missing, out, sizeof out), sizeof(struct nh_value));
    CHECK_NUMBER(answer(out, 0, &text).error, ENOENT);
    nh_close(handle);
}

static void check_without_rights(void)
{
    _Alignas(8) char out[4096];
    const char *text;
    CHECK_NUMBER(setresuid(65534, 65534, 65534), 0);
    int64_t handle = nh_open("/proc", 0, 0);
    CHECK(nh_sysctl(handle, getpid(), 0, names, sizeof names, out, sizeof out) > 0);
    for (int i = 0; i < 4; i++) {
        struct nh_value value = answer(out, i, &text);
        CHECK(value.error == EPERM || value.error == EACCES); /* never the reader's own value */
        CHECK_NUMBER(value.length, 0);
    }
    nh_close(handle);
}

static void without_rights_there_is_no_value_rather_than_a_wrong_one(void)
{
    if (!is_root()) {
        SKIP("needs root to become somebody else");
    }
    CHECK_NUMBER(RESULT_IN_CHILD(check_without_rights), 0);
}

static void a_process_that_is_not_the_one_or_no_procfs_is_an_error(void)
{
    _Alignas(8) char out[64];
    char *root = tree_new();
    tree_process(root, 7, "sh", 1);
    tree_text(root, "sys/kernel/hostname", "captured\n");
    struct child child = child_start(NULL, NULL);
    int64_t handle = nh_open("/proc", 0, 0);
    CHECK_NUMBER(nh_sysctl(handle, child.pid, 1, names, sizeof names, out, sizeof out), -ESRCH);
    child_end(&child);
    CHECK_NUMBER(nh_sysctl(handle, 1 << 30, 0, names, sizeof names, out, sizeof out), -ESRCH);
    CHECK_NUMBER(nh_sysctl(handle, getpid(), 0, names, sizeof names - 1, out, sizeof out), -EINVAL); /* no NUL */
    CHECK_NUMBER(nh_sysctl(handle, getpid(), 0, names, 0, out, sizeof out), -EINVAL);
    nh_close(handle);
    handle = nh_open(root, 0, 0);
    CHECK_NUMBER(nh_sysctl(handle, 7, 0, names, sizeof names, out, sizeof out), -EOPNOTSUPP);
    nh_close(handle);
    tree_remove(root);
}

int main(void)
{
    RUN(values_are_those_inside_and_the_caller_stays_outside);
    RUN(too_little_room_says_how_much_it_takes);
    RUN(names_that_no_namespace_has_or_that_lead_elsewhere_are_refused);
    RUN(a_sysctl_that_is_not_there_is_absent);
    RUN(without_rights_there_is_no_value_rather_than_a_wrong_one);
    RUN(a_process_that_is_not_the_one_or_no_procfs_is_an_error);
    return check_result();
}
