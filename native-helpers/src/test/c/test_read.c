/* nh_read: one file of a process, whole. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "plumbline.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CAPACITY = 1 << 20 };

static void files_are_as_the_kernel_shows_them(void)
{
    static const struct {
        int32_t which;
        const char *name;
    } files[] = {{NH_READ_MOUNTINFO, "mountinfo"}, {NH_READ_UID_MAP, "uid_map"}, {NH_READ_GID_MAP, "gid_map"},
            {NH_READ_SETGROUPS, "setgroups"}, {NH_READ_STAT, "stat"}, {NH_READ_CGROUP, "cgroup"},
            {NH_READ_CMDLINE, "cmdline"}, {NH_READ_NET_TCP6, "net/tcp6"}};
    char *before = malloc(CAPACITY);
    char *after = malloc(CAPACITY);
    char *actual = malloc(CAPACITY);
    struct child child = child_start(NULL, NULL);
    int64_t handle = nh_open("/proc", 0, 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[64];
        long length;
        int64_t actual_length;
        int tries = 0;
        snprintf(path, sizeof path, "/proc/%d/%s", child.pid, files[i].name);
        do { /* until nobody mounts or connects meanwhile; a socket's timer may come and go */
            length = read_text(path, before, CAPACITY);
            actual_length = nh_read(handle, child.pid, 0, files[i].which, actual, CAPACITY);
        } while (read_text(path, after, CAPACITY) != length
                || (length > 0 && memcmp(before, after, (size_t)length) != 0)
                || (tries++ < 100 && length > 0
                        && (actual_length != length || memcmp(actual, before, (size_t)length) != 0)));
        if (length < 0) { /* no IPv6 here */
            CHECK_NUMBER(actual_length, length);
        } else {
            CHECK_BYTES(actual, (size_t)actual_length, before, (size_t)length);
        }
    }
    nh_close(handle);
    child_end(&child);
    free(before);
    free(after);
    free(actual);
}

static void links_are_answered_with_their_text(void)
{
    static const struct {
        int32_t which;
        const char *name;
    } links[] = {{NH_READ_EXE, "exe"}, {NH_READ_ROOT, "root"}, {NH_READ_CWD, "cwd"},
            {NH_READ_NS + NH_NS_CGROUP, "ns/cgroup"}, {NH_READ_NS + NH_NS_USER, "ns/user"},
            {NH_READ_NS + NH_NS_UTS, "ns/uts"}};
    struct child child = child_start(NULL, NULL);
    int64_t handle = nh_open("/proc", 0, 0);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++) {
        char path[64];
        char expected[4096];
        char actual[4096];
        snprintf(path, sizeof path, "/proc/%d/%s", child.pid, links[i].name);
        ssize_t length = readlink(path, expected, sizeof expected);
        CHECK(length > 0);
        CHECK_BYTES(actual, (size_t)nh_read(handle, child.pid, 0, links[i].which, actual, sizeof actual), expected,
                (size_t)length);
    }
    nh_close(handle);
    child_end(&child);
}

static void a_mount_table_of_20000_lines_is_read_whole(void)
{
    char *root = tree_new();
    size_t length = 0;
    char *table = malloc(4 << 20);
    for (int i = 0; i < 20000; i++) {
        length += (size_t)sprintf(table + length,
                "%d 1 0:%d / /var/lib/kubelet/pods/%08x/volumes/secret rw,relatime - tmpfs tmpfs rw,size=64k\n", i, i,
                i);
    }
    tree_bytes(root, "7/mountinfo", table, length);
    int64_t handle = nh_open(root, 0, 0);
    char *small = malloc(1000);
    int64_t needed = nh_read(handle, 7, 0, NH_READ_MOUNTINFO, small, 1000);
    CHECK_NUMBER(needed, length);
    CHECK_BYTES(small, 1000, table, 1000);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_MOUNTINFO, NULL, 0), length);
    char *whole = malloc((size_t)needed);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_MOUNTINFO, whole, needed), length);
    CHECK_BYTES(whole, length, table, length);
    nh_close(handle);
    free(small);
    free(whole);
    free(table);
    tree_remove(root);
}

static void another_start_time_is_another_process(void)
{
    char *root = tree_new();
    char text[256];
    tree_process(root, 7, "sh", 99);
    tree_text(root, "8/uid_map", "0 0 1\n");
    int64_t handle = nh_open(root, 0, 0);
    CHECK(nh_read(handle, 7, 99, NH_READ_CGROUP, text, sizeof text) > 0);
    CHECK_NUMBER(nh_read(handle, 7, 98, NH_READ_CGROUP, text, sizeof text), -ESRCH);
    CHECK_NUMBER(nh_read(handle, 9, 0, NH_READ_CGROUP, text, sizeof text), -ESRCH);
    CHECK_NUMBER(nh_read(handle, 8, 1, NH_READ_UID_MAP, text, sizeof text), -ESRCH); /* nothing tells its start */
    CHECK_NUMBER(nh_read(handle, 8, 0, NH_READ_UID_MAP, text, sizeof text), 6);
    nh_close(handle);
    tree_remove(root);
}

static void what_is_no_file_of_a_process_is_refused(void)
{
    char *root = tree_new();
    char text[256];
    tree_process(root, 7, "sh", 99);
    tree_link(root, "7/uid_map", "/etc/passwd");
    int64_t handle = nh_open(root, 0, 0);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_UID_MAP, text, sizeof text), -ELOOP);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_GID_MAP, text, sizeof text), -ENOENT);
    CHECK_NUMBER(nh_read(handle, 7, 0, 0, text, sizeof text), -EINVAL);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_END, text, sizeof text), -EINVAL);
    CHECK_NUMBER(nh_read(handle, 0, 0, NH_READ_STAT, text, sizeof text), -EINVAL);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_STAT, NULL, 1), -EINVAL);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_STAT, text, -1), -EINVAL);
    nh_close(handle);
    tree_remove(root);
}

static void a_file_without_end_is_too_big(void)
{
    char *root = tree_new();
    char path[256];
    tree_bytes(root, "7/cgroup", "", 0);
    snprintf(path, sizeof path, "%s/7/cgroup", root);
    CHECK_NUMBER(truncate(path, (off_t)NH_FILE_MAX + 1), 0); /* sparse */
    int64_t handle = nh_open(root, 0, 0);
    char text[8];
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_CGROUP, text, sizeof text), -EFBIG);
    CHECK_NUMBER(truncate(path, (off_t)NH_FILE_MAX), 0);
    CHECK_NUMBER(nh_read(handle, 7, 0, NH_READ_CGROUP, text, sizeof text), NH_FILE_MAX);
    nh_close(handle);
    tree_remove(root);
}

int main(void)
{
    RUN(files_are_as_the_kernel_shows_them);
    RUN(links_are_answered_with_their_text);
    RUN(a_mount_table_of_20000_lines_is_read_whole);
    RUN(another_start_time_is_another_process);
    RUN(what_is_no_file_of_a_process_is_refused);
    RUN(a_file_without_end_is_too_big);
    return check_result();
}
