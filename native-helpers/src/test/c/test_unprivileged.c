/* What a reader without rights, or a /proc that hides, leaves: a record with the reason for each field, never a gap. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "scanned.h"
#include "tree.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

enum { SOMEBODY = 65534 };

static pid_t other;       /* a process of root's */
static char *mount_point; /* of a proc that hides */
static const char *mount_options;

static bool lose_rights(void)
{
    return setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0 && setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0;
}

static void scan_without_rights(void)
{
    CHECK(lose_rights());
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned scanned = scan_all(handle, SCAN_ALL);
    CHECK(scanned_is_sound(&scanned));
    const struct nh_record *r = scanned_find(&scanned, other);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_STAT], 0);
    CHECK_NUMBER(r->err[NH_ERR_STATUS], 0);
    CHECK_NUMBER(r->err[NH_ERR_CGROUP], 0);
    CHECK_NUMBER(r->err[NH_ERR_CMDLINE], 0);
    CHECK_NUMBER(r->uid[0], 0);
    CHECK_NUMBER(r->err[NH_ERR_EXE], EACCES);
    CHECK_NUMBER(r->err[NH_ERR_EXE_ID], EACCES);
    CHECK_NUMBER(r->err[NH_ERR_ROOT], EACCES);
    CHECK_NUMBER(r->err[NH_ERR_CWD], EACCES);
    for (int i = 0; i < NH_NS_COUNT; i++) {
        CHECK_NUMBER(r->err[NH_ERR_NS + i], EACCES);
        CHECK_NUMBER(r->ns[i], 0);
    }
    char text[64];
    CHECK_NUMBER(nh_read(handle, other, r->start_time, NH_READ_NS + NH_NS_NET, text, sizeof text), -EACCES);
    CHECK_NUMBER(nh_read(handle, other, r->start_time, NH_READ_EXE, text, sizeof text), -EACCES);
    scanned_free(&scanned);
    nh_close(handle);
}

static void without_rights_each_field_has_its_reason(void)
{
    if (!is_root()) {
        SKIP("needs root to lose it");
    }
    struct child child = child_start(NULL, NULL);
    other = child.pid;
    CHECK_NUMBER(RESULT_IN_CHILD(scan_without_rights), 0);
    child_end(&child);
}

static void scan_a_proc_that_hides(void)
{
    CHECK(lose_rights());
    int64_t handle = nh_open(mount_point, 4096, 0);
    CHECK(handle > 0);
    struct scanned scanned = scan_all(handle, 0);
    CHECK(scanned_is_sound(&scanned));
    const struct nh_record *self = scanned_find(&scanned, getpid());
    CHECK(self != NULL);
    CHECK_NUMBER(self->err[NH_ERR_STATUS], 0);
    const struct nh_record *r = scanned_find(&scanned, other);
    if (mount_options[8] == '1') { /* hidepid=1: listed, and nothing more */
        CHECK(r != NULL);
        CHECK_NUMBER(r->err[NH_ERR_STAT], EPERM);
        CHECK_NUMBER(r->err[NH_ERR_STATUS], EPERM);
        CHECK_NUMBER(r->err[NH_ERR_CGROUP], EPERM);
        CHECK(r->err[NH_ERR_NS + NH_NS_MNT] == EPERM || r->err[NH_ERR_NS + NH_NS_MNT] == EACCES);
        CHECK_NUMBER(r->start_time, 0);
    } else {
        CHECK(r == NULL);
        struct scanned detail = scan_some(handle, 0, &(int32_t){other}, 1);
        CHECK_NUMBER(detail.header.gone, 1);
        scanned_free(&detail);
    }
    scanned_free(&scanned);
    nh_close(handle);
}

static void mount_and_scan(void)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
            || mount("proc", mount_point, "proc", 0, mount_options) < 0) {
        SKIP("cannot mount a proc of our own here");
    }
    scan_a_proc_that_hides();
}

static void a_proc_that_hides_is_read_as_far_as_it_lets_us(void)
{
    if (!is_root()) {
        SKIP("needs root to mount a proc");
    }
    static const char *const options[] = {"hidepid=1", "hidepid=2"};
    struct child child = child_start(NULL, NULL);
    other = child.pid;
    mount_point = tree_new();
    int results[2];
    for (int i = 0; i < 2; i++) {
        mount_options = options[i];
        results[i] = check_in_child(options[i], mount_and_scan);
    }
    tree_remove(mount_point);
    child_end(&child);
    if (results[0] == 77 || results[1] == 77) {
        SKIP("cannot mount a proc of our own here");
    }
    CHECK_NUMBER(results[0], 0);
    CHECK_NUMBER(results[1], 0);
}

int main(void)
{
    RUN(without_rights_each_field_has_its_reason);
    RUN(a_proc_that_hides_is_read_as_far_as_it_lets_us);
    return check_result();
}
