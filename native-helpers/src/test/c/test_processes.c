/* The real /proc: processes whose attributes the test has set itself. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "scanned.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *const namespaces[NH_NS_COUNT] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

static struct scanned scan_proc(int32_t mode)
{
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned scanned = scan_all(handle, mode);
    nh_close(handle);
    return scanned;
}

static int nothing(void *unused)
{
    (void)unused;
    return 0;
}

/* Is it on its way out? Then a scan counts it as gone while the directory is still there. PF_EXITING of linux/sched.h. */
static bool is_ending(int32_t pid)
{
    char path[64];
    char text[1024] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *stat = fopen(path, "re");
    if (stat == NULL) {
        return true;
    }
    size_t length = fread(text, 1, sizeof text - 1, stat);
    fclose(stat);
    text[length] = '\0';
    const char *rest = strrchr(text, ')');
    char state = 'X';
    unsigned flags = 0;
    return rest == NULL || sscanf(rest, ") %c %*d %*d %*d %*d %*d %u", &state, &flags) != 2 || state == 'Z' ||
           state == 'X' || (flags & 0x4) != 0;
}

static void every_process_that_stays_is_in_a_scan(void)
{
    bool *there = calloc(1 << 22, sizeof *there);
    DIR *proc = opendir("/proc");
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
        int32_t pid = parse_pid(entry->d_name);
        if (pid > 0 && pid < 1 << 22) {
            there[pid] = true;
        }
    }
    struct scanned scanned = scan_proc(SCAN_ALL);
    CHECK(scanned_is_sound(&scanned));
    rewinddir(proc);
    for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
        int32_t pid = parse_pid(entry->d_name);
        if (pid > 0 && pid < 1 << 22 && there[pid]) {
            CHECK(scanned_find(&scanned, pid) != NULL || is_ending(pid));
        }
    }
    closedir(proc);
    scanned_free(&scanned);
    free(there);
}

static void files_and_links_are_as_the_kernel_shows_them(void)
{
    char path[64];
    char text[4096];
    unsigned long start = 0;
    struct child child = child_start(nothing, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_proc(SCAN_ALL);
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    for (int i = 0; i < NH_NS_COUNT; i++) {
        CHECK_NUMBER(r->err[NH_ERR_NS + i], 0);
        CHECK_NUMBER(r->ns[i], namespace_inode(child.pid, namespaces[i]));
    }
    snprintf(path, sizeof path, "/proc/%d/cgroup", child.pid);
    size_t length = (size_t)read_text(path, text, sizeof text);
    CHECK_BYTES(scanned_item(&scanned, r->cgroup).start, r->cgroup.length, text, length);
    snprintf(path, sizeof path, "/proc/%d/cmdline", child.pid);
    length = (size_t)read_text(path, text, sizeof text);
    CHECK_BYTES(scanned_item(&scanned, r->cmdline).start, r->cmdline.length, text, length);
    snprintf(path, sizeof path, "/proc/%d/exe", child.pid);
    length = (size_t)readlink(path, text, sizeof text);
    CHECK_BYTES(scanned_item(&scanned, r->exe).start, r->exe.length, text, length);
    snprintf(path, sizeof path, "/proc/%d/stat", child.pid);
    read_text(path, text, sizeof text);
    sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lu",
            &start);
    CHECK_NUMBER(r->start_time, start);
    CHECK_NUMBER(r->ppid, getpid());
    CHECK_NUMBER(r->read_tid, child.pid);
    CHECK_NUMBER(r->err[NH_ERR_STAT], 0);
    CHECK_NUMBER(r->err[NH_ERR_STATUS], 0);
    CHECK_NUMBER(r->err[NH_ERR_THREADS], 0);
    scanned_free(&scanned);
    child_end(&child);
}

static void labels_are_those_of_the_file_that_the_record_names(void)
{
    struct child children[2] = {child_start(nothing, NULL), child_start(nothing, NULL)};
    struct scanned scanned = scan_proc(0);
    for (int i = 0; i < 2; i++) { /* the second may be answered from what the first one showed */
        char path[64];
        char text[4096];
        const struct nh_record *r = scanned_find(&scanned, children[i].pid);
        CHECK(r != NULL);
        CHECK(r->label_source != NH_LABEL_NONE);
        snprintf(path, sizeof path, "/proc/%d/attr/%s", children[i].pid,
                r->label_source == NH_LABEL_APPARMOR ? "apparmor/current" : "current");
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
        CHECK_NUMBER(r->err[NH_ERR_LABEL], length < 0 ? errno : 0);
        CHECK_BYTES(scanned_item(&scanned, r->label).start, r->label.length, text, length < 0 ? 0 : (size_t)length);
        close(fd);
        child_end(&children[i]);
    }
    scanned_free(&scanned);
}

static void the_executable_is_known_by_device_inode_and_mount(void)
{
    char path[64];
    char text[1024];
    struct stat status;
    unsigned long mount = 0;
    struct child child = child_start(nothing, NULL);
    struct scanned scanned = scan_proc(SCAN_ALL);
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_EXE_ID], 0);
    snprintf(path, sizeof path, "/proc/%d/exe", child.pid);
    int fd = open(path, O_PATH);
    CHECK_NUMBER(fstat(fd, &status), 0);
    CHECK_NUMBER(r->exe_id.ino, status.st_ino);
    CHECK_NUMBER(r->exe_id.dev_major, major(status.st_dev));
    CHECK_NUMBER(r->exe_id.dev_minor, minor(status.st_dev));
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    read_text(path, text, sizeof text);
    sscanf(strstr(text, "mnt_id:"), "mnt_id: %lu", &mount);
    close(fd);
    CHECK_NUMBER(r->err[NH_ERR_ROOT_ID], 0);
    CHECK_NUMBER(stat("/", &status), 0);
    CHECK_NUMBER(r->root_id.ino, status.st_ino);
    uint64_t told = r->exe_id.mount_id;
    scanned_free(&scanned);
    child_end(&child);
    if (told == 0) {
        SKIP("no mount ids here (an emulator, or before Linux 5.8)");
    }
    CHECK_NUMBER(told, mount);
}

static void only_what_is_asked_for_is_read(void)
{
    int32_t self = getpid();
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned scanned = scan_some(handle, NH_WITH_EXE_ID, &self, 1);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_EXE_ID], 0);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_ROOT_ID], NH_SKIPPED);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_NS + NH_NS_TIME], NH_SKIPPED);
    scanned_free(&scanned);
    scanned = scan_some(handle, NH_WITH_ROOT_ID, &self, 1);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_EXE_ID], NH_SKIPPED);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_ROOT_ID], 0);
    scanned_free(&scanned);
    nh_close(handle);
}

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
        CHECK_NUMBER(r->ns[i], namespace_inode(r->pid, namespaces[i]));
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

static void a_zombie_has_credentials_but_no_executable(void)
{
    char path[64];
    char text[1024] = "";
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    while (strstr(text, ") Z ") == NULL) {
        CHECK(read_text(path, text, sizeof text) > 0);
    }
    struct scanned scanned = scan_proc(SCAN_ALL);
    struct child zombie = {pid, -1, 0};
    const struct nh_record *r = scanned_find(&scanned, pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->state, 'Z');
    CHECK_NUMBER(r->err[NH_ERR_STATUS], 0);
    CHECK_NUMBER(r->uid[0], getuid());
    CHECK_NUMBER(r->err[NH_ERR_EXE], ENOENT);
    CHECK_NUMBER(r->err[NH_ERR_EXE_ID], ENOENT);
    CHECK_NUMBER(r->err[NH_ERR_NS + NH_NS_MNT], ENOENT);
    CHECK_NUMBER(r->cmdline.length, 0);
    scanned_free(&scanned);
    child_end(&zombie);
}

static void of_a_kernel_thread_only_stat_and_status_are_read(void)
{
    struct scanned scanned = scan_proc(SCAN_ALL);
    const struct nh_record *r = scanned_find(&scanned, 2);
    if (r == NULL || scanned_item(&scanned, r->comm).length != 8
            || memcmp(scanned_item(&scanned, r->comm).start, "kthreadd", 8) != 0) {
        scanned_free(&scanned);
        SKIP("no kernel threads in this pid namespace");
    }
    CHECK_NUMBER(r->flags, NH_KERNEL_THREAD);
    CHECK_NUMBER(r->err[NH_ERR_STAT], 0);
    CHECK_NUMBER(r->err[NH_ERR_STATUS], 0);
    CHECK((r->status_seen & NH_SEEN_CAP_BND) != 0);
    for (int i = NH_ERR_CGROUP; i < NH_ERR_COUNT; i++) {
        CHECK_NUMBER(r->err[i], NH_SKIPPED);
    }
    scanned_free(&scanned);
}

static void a_detail_is_of_the_given_pids_in_order_and_counts_the_missing(void)
{
    struct child child = child_start(nothing, NULL);
    struct child ended = child_start(nothing, NULL);
    int32_t pids[] = {child.pid, getpid(), ended.pid, child.pid};
    child_end(&ended);
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned scanned = scan_some(handle, SCAN_ALL, pids, 4);
    CHECK(scanned_is_sound(&scanned));
    CHECK_NUMBER(scanned.header.total, 2);
    CHECK_NUMBER(scanned.header.gone, 1);
    CHECK(scanned_find(&scanned, child.pid) != NULL);
    CHECK(scanned_find(&scanned, getpid()) != NULL);
    scanned_free(&scanned);
    nh_close(handle);
    child_end(&child);
}

int main(void)
{
    RUN(every_process_that_stays_is_in_a_scan);
    RUN(files_and_links_are_as_the_kernel_shows_them);
    RUN(labels_are_those_of_the_file_that_the_record_names);
    RUN(the_executable_is_known_by_device_inode_and_mount);
    RUN(only_what_is_asked_for_is_read);
    RUN(credentials_are_those_that_the_process_took);
    RUN(seccomp_mode_and_number_of_filters_are_read);
    RUN(namespaces_of_its_own_show_by_their_inodes);
    RUN(a_zombie_has_credentials_but_no_executable);
    RUN(of_a_kernel_thread_only_stat_and_status_are_read);
    RUN(a_detail_is_of_the_given_pids_in_order_and_counts_the_missing);
    return check_result();
}
