/* The real /proc: a scan has every process, and of each what the kernel shows to others who read the same files. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "scanned.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

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
    struct child child = child_start(NULL, NULL);
    CHECK_NUMBER(child.error, 0);
    struct scanned scanned = scan_proc(SCAN_ALL);
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    for (int i = 0; i < NH_NS_COUNT; i++) {
        CHECK_NUMBER(r->err[NH_ERR_NS + i], 0);
        CHECK_NUMBER(r->ns[i], namespace_inode(child.pid, namespace_links[i]));
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
    struct child children[2] = {child_start(NULL, NULL), child_start(NULL, NULL)};
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

/* The mount of an open file. */
static uint64_t mount_of(int fd)
{
    char path[64];
    char text[1024];
    unsigned long mount = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    read_text(path, text, sizeof text);
    sscanf(strstr(text, "mnt_id:"), "mnt_id: %lu", &mount);
    return mount;
}

static void the_executable_is_known_by_device_inode_and_mount(void)
{
    char path[64];
    struct stat status;
    struct child child = child_start(NULL, NULL);
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
    uint64_t mount = mount_of(fd);
    close(fd);
    uint64_t told = r->exe_id.mount_id;
    scanned_free(&scanned);
    child_end(&child);
    if (told == 0) {
        SKIP("no mount ids here (an emulator, or before Linux 5.8)");
    }
    CHECK_NUMBER(told, mount);
}

static int go_to_proc(void *nothing)
{
    (void)nothing;
    return chdir("/proc");
}

static void root_and_working_directory_are_known_by_their_mounts(void)
{
    int root = open("/", O_PATH | O_CLOEXEC);
    int proc = open("/proc", O_PATH | O_CLOEXEC);
    struct child child = child_start(go_to_proc, NULL);
    struct scanned scanned = scan_proc(SCAN_ALL);
    const struct nh_record *r = scanned_find(&scanned, child.pid);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_ROOT], 0);
    CHECK_NUMBER(r->err[NH_ERR_CWD], 0);
    uint64_t told[] = {r->root_mount, r->cwd_mount};
    uint64_t mounts[] = {mount_of(root), mount_of(proc)};
    scanned_free(&scanned);
    child_end(&child);
    close(root);
    close(proc);
    if (told[0] == 0) {
        SKIP("no mount ids here (an emulator, or before Linux 5.8)");
    }
    CHECK(mounts[0] != mounts[1]);
    CHECK_NUMBER(told[0], mounts[0]);
    CHECK_NUMBER(told[1], mounts[1]);
}

static void only_what_is_asked_for_is_read(void)
{
    int32_t self = getpid();
    int64_t handle = nh_open("/proc", 4096, 0);
    struct scanned scanned = scan_some(handle, NH_WITH_EXE_ID, &self, 1);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_EXE_ID], 0);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_ROOT], NH_SKIPPED);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_CWD], NH_SKIPPED);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_NS + NH_NS_TIME], NH_SKIPPED);
    scanned_free(&scanned);
    scanned = scan_some(handle, NH_WITH_DIRECTORIES, &self, 1);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_EXE_ID], NH_SKIPPED);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_ROOT], 0);
    CHECK_NUMBER(scanned_find(&scanned, self)->err[NH_ERR_CWD], 0);
    scanned_free(&scanned);
    nh_close(handle);
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
    struct child child = child_start(NULL, NULL);
    struct child ended = child_start(NULL, NULL);
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
    RUN(root_and_working_directory_are_known_by_their_mounts);
    RUN(only_what_is_asked_for_is_read);
    RUN(a_zombie_has_credentials_but_no_executable);
    RUN(of_a_kernel_thread_only_stat_and_status_are_read);
    RUN(a_detail_is_of_the_given_pids_in_order_and_counts_the_missing);
    return check_result();
}
