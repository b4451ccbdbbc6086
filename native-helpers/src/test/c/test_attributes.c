/* The real /proc: processes whose attributes the test has set itself. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "scanned.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int take_credentials(void *unused)
{
    (void)unused;
    gid_t groups[] = {7, 2000, 4294967294};
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {{.effective = 1 << CAP_NET_RAW,
            .permitted = 1 << CAP_NET_RAW | 1 << CAP_KILL,
            .inheritable = 1 << CAP_KILL}};
    if (setgroups(3, groups) < 0 || prctl(PR_CAPBSET_DROP, CAP_SYS_TIME) < 0 || prctl(PR_SET_KEEPCAPS, 1) < 0
            || setresgid(11, 12, 13) < 0 || setresuid(1001, 1002, 1003) < 0) {
        return errno;
    }
    if (syscall(SYS_capset, &header, data) < 0 || prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0) < 0
            || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_NAME, "a) R (\n\x1b[2Jz") < 0) {
        return errno;
    }
    return 0;
}

static void credentials_are_those_that_the_process_took(void)
{
    if (!is_root()) {
        SKIP("needs root to take other credentials");
    }
    uint64_t bounding = 0;
    char status[4096];
    read_text("/proc/self/status", status, sizeof status);
    sscanf(strstr(status, "CapBnd:"), "CapBnd: %lx", &bounding);
    struct child child = child_start(take_credentials, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_proc(SCAN_ALL);
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->uid[0], 1001);
    CHECK_NUMBER(r->uid[1], 1002);
    CHECK_NUMBER(r->uid[2], 1003);
    CHECK_NUMBER(r->uid[3], 1002);
    CHECK_NUMBER(r->gid[0], 11);
    CHECK_NUMBER(r->gid[1], 12);
    CHECK_NUMBER(r->gid[2], 13);
    CHECK_NUMBER(r->gid[3], 12);
    static const uint32_t groups[] = {7, 2000, 4294967294};
    CHECK_BYTES(scanned_item(&scanned, r->groups).start, r->groups.length, groups, sizeof groups);
    CHECK_NUMBER(r->cap[NH_CAP_EFFECTIVE], 1 << CAP_NET_RAW);
    CHECK_NUMBER(r->cap[NH_CAP_PERMITTED], 1 << CAP_NET_RAW | 1 << CAP_KILL);
    CHECK_NUMBER(r->cap[NH_CAP_INHERITABLE], 1 << CAP_KILL);
    CHECK_NUMBER(r->cap[NH_CAP_AMBIENT], 1 << CAP_KILL);
    CHECK_NUMBER(r->cap[NH_CAP_BOUNDING], bounding & ~(1ul << CAP_SYS_TIME));
    CHECK_NUMBER(r->no_new_privs, 1);
    CHECK_BYTES(scanned_item(&scanned, r->comm).start, r->comm.length, "a) R (\n\x1b[2Jz", 12);
    CHECK_NUMBER(r->ppid, getpid());
    scanned_free(&scanned);
    child_end(&child);
}

static int take_filters(void *unused)
{
    (void)unused;
    struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
    struct sock_fprog program = {1, allow};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0
            || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0) {
        return errno;
    }
    return 0;
}

static void seccomp_mode_and_number_of_filters_are_read(void)
{
    struct child child = child_start(take_filters, NULL);
    if (child.error != 0) {
        SKIP("no seccomp filters here (an emulator, or a kernel without)");
    }
    struct scanned scanned = scan_proc(0);
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->seccomp, 2);
    CHECK_NUMBER(r->no_new_privs, 1);
    if ((r->status_seen & NH_SEEN_SECCOMP_FILTERS) != 0) {
        const struct nh_record *self = scanned_find(&scanned, getpid());
        CHECK_NUMBER(r->seccomp_filters, self->seccomp_filters + 2);
    }
    scanned_free(&scanned);
    child_end(&child);
}

static int take_namespaces(void *unused)
{
    (void)unused;
    if (unshare(CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWPID) < 0) {
        return errno;
    }
    pid_t inner = fork();
    if (inner == 0) { /* pid 1 of the new pid namespace, and ends with its parent */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            pause();
        }
    }
    return inner < 0 ? errno : 0;
}

static void namespaces_of_its_own_show_by_their_inodes(void)
{
    if (!is_root()) {
        SKIP("needs root to make namespaces");
    }
    struct child child = child_start(take_namespaces, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_proc(NH_WITH_TIME_NS);
    const struct nh_record *self = scanned_find(&scanned, getpid());
    const struct nh_record *r = NULL;
    for (uint32_t i = 0; i < scanned.header.total; i++) {
        const struct nh_record *any = (const struct nh_record *)(scanned.buffer + sizeof(struct nh_header)) + i;
        r = any->ppid == child.pid ? any : r;
    }
    CHECK(r != NULL);
    for (int i = 0; i < NH_NS_COUNT; i++) {
        CHECK_NUMBER(r->err[NH_ERR_NS + i], 0);
        CHECK_NUMBER(r->ns[i], namespace_inode(r->pid, namespace_links[i]));
        bool shared = i == NH_NS_TIME || i == NH_NS_USER;
        CHECK((r->ns[i] == self->ns[i]) == shared);
    }
    const int32_t *nspid = (const int32_t *)scanned_item(&scanned, r->nspid).start;
    CHECK(r->nspid.length >= 8);
    CHECK_NUMBER(nspid[0], r->pid);
    CHECK_NUMBER(nspid[r->nspid.length / 4 - 1], 1);
    scanned_free(&scanned);
    child_end(&child);
}

int main(void)
{
    RUN(credentials_are_those_that_the_process_took);
    RUN(seccomp_mode_and_number_of_filters_are_read);
    RUN(namespaces_of_its_own_show_by_their_inodes);
    return check_result();
}
