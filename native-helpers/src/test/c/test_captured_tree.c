/* A proc root that is a captured tree: what is absent, malformed, enormous, or made to mislead. */
#include "check.h"
#include "scanned.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ITEM(scanned, item, literal)                                                                                   \
    CHECK_BYTES(scanned_item(&(scanned), item).start, (item).length, literal, sizeof(literal) - 1)

static struct scanned scan_tree(const char *root, int32_t cmdline_max, int32_t mode)
{
    int64_t handle = nh_open(root, cmdline_max, 0);
    struct scanned scanned = scan_all(handle, mode);
    nh_close(handle);
    return scanned;
}

static void a_process_is_read_whole(void)
{
    char *root = tree_new();
    tree_process(root, 4242, "sh", 99);
    struct scanned scanned = scan_tree(root, 4096, SCAN_ALL);
    CHECK(scanned_is_sound(&scanned));
    CHECK_NUMBER(scanned.header.total, 1);
    const struct nh_record *r = scanned_find(&scanned, 4242);
    CHECK(r != NULL);
    CHECK_NUMBER(r->start_time, 99);
    CHECK_NUMBER(r->ppid, 1);
    CHECK_NUMBER(r->read_tid, 4242);
    CHECK_NUMBER(r->flags, 0);
    CHECK_NUMBER(r->threads, 1);
    CHECK_NUMBER(r->status_seen, 0x1fff);
    CHECK_NUMBER(r->state, 'S');
    CHECK_NUMBER(r->no_new_privs, 1);
    CHECK_NUMBER(r->seccomp, 2);
    CHECK_NUMBER(r->seccomp_filters, 1);
    CHECK_NUMBER(r->uid[3], 405);
    CHECK_NUMBER(r->gid[0], 100);
    CHECK_NUMBER(r->cap[NH_CAP_BOUNDING], 0xa80425fb);
    CHECK_NUMBER(r->cap[NH_CAP_PERMITTED], 0);
    CHECK_NUMBER(r->ns[NH_NS_CGROUP], 4026531835);
    CHECK_NUMBER(r->ns[NH_NS_IPC], 4026532241);
    CHECK_NUMBER(r->ns[NH_NS_MNT], 4026532238);
    CHECK_NUMBER(r->ns[NH_NS_NET], 4026532180);
    CHECK_NUMBER(r->ns[NH_NS_PID], 4026532242);
    CHECK_NUMBER(r->ns[NH_NS_TIME], 4026531834);
    CHECK_NUMBER(r->ns[NH_NS_USER], 4026531837);
    CHECK_NUMBER(r->ns[NH_NS_UTS], 4026532239);
    ITEM(scanned, r->comm, "sh");
    ITEM(scanned, r->groups, "\x64\0\0\0\xd0\x07\0\0\xb8\x0b\0\0");
    ITEM(scanned, r->nspid, "\x92\x10\0\0\x07\0\0\0");
    ITEM(scanned, r->cgroup, "0::/kubepods/besteffort/pod0f6b7d1e-92a4-4c3b-8d55-000000000001/c0ffee\n");
    ITEM(scanned, r->label, "cri-containerd.apparmor.d (enforce)\n");
    CHECK_NUMBER(r->label_source, NH_LABEL_APPARMOR);
    ITEM(scanned, r->exe, "/bin/busybox");
    ITEM(scanned, r->cmdline, "sh\0-c\0sleep 1\0");
    for (int i = 0; i < NH_ERR_COUNT; i++) {
        bool id = i == NH_ERR_EXE_ID || i == NH_ERR_ROOT || i == NH_ERR_CWD; /* would be the reader's own files */
        CHECK_NUMBER(r->err[i], id ? NH_SKIPPED : 0);
    }
    scanned_free(&scanned);
    tree_remove(root);
}

static void what_is_not_there_is_absent(void)
{
    char *root = tree_new();
    tree_directory(root, "7");
    struct scanned scanned = scan_tree(root, 4096, NH_WITH_TIME_NS);
    CHECK(scanned_is_sound(&scanned));
    CHECK_NUMBER(scanned.header.total, 1);
    CHECK_NUMBER(scanned.header.gone, 0);
    const struct nh_record *r = scanned_find(&scanned, 7);
    CHECK(r != NULL);
    for (int i = 0; i < NH_ERR_COUNT; i++) {
        bool skipped = i == NH_ERR_EXE_ID || i == NH_ERR_ROOT || i == NH_ERR_CWD || i == NH_ERR_THREADS;
        CHECK_NUMBER(r->err[i], skipped ? NH_SKIPPED : ENOENT);
    }
    CHECK_NUMBER(r->start_time, 0);
    CHECK_NUMBER(r->status_seen, 0);
    CHECK_NUMBER(r->label_source, NH_LABEL_CURRENT);
    scanned_free(&scanned);
    tree_remove(root);
}

static void a_label_comes_from_attr_current_where_apparmor_has_no_directory(void)
{
    char *root = tree_new();
    tree_process(root, 7, "sh", 1);
    tree_directory(root, "8");
    tree_text(root, "8/attr/current", "system_u:system_r:container_t:s0:c1,c2");
    tree_process(root, 9, "sh", 1);
    struct scanned scanned = scan_tree(root, 4096, 0);
    const struct nh_record *r = scanned_find(&scanned, 8);
    CHECK(r != NULL);
    CHECK_NUMBER(r->label_source, NH_LABEL_CURRENT);
    ITEM(scanned, r->label, "system_u:system_r:container_t:s0:c1,c2");
    r = scanned_find(&scanned, 9);
    CHECK(r != NULL);
    CHECK_NUMBER(r->label_source, NH_LABEL_APPARMOR); /* a tree may lack it for one process only */
    scanned_free(&scanned);
    tree_remove(root);
}

static void only_directories_that_are_numbers_are_processes(void)
{
    char *root = tree_new();
    tree_process(root, 100, "a", 1);
    tree_process(root, 99, "b", 1);
    tree_process(root, 2147483647, "c", 1);
    tree_directory(root, "self");
    tree_directory(root, "0");
    tree_directory(root, "007");
    tree_directory(root, "2147483648");
    tree_text(root, "5", "a file");
    tree_link(root, "6", "99");
    struct scanned scanned = scan_tree(root, 4096, 0);
    CHECK(scanned_is_sound(&scanned)); /* in order too */
    CHECK_NUMBER(scanned.header.total, 3);
    CHECK(scanned_find(&scanned, 2147483647) != NULL);
    scanned_free(&scanned);
    tree_remove(root);
}

static void malformed_files_are_reported_each_for_itself(void)
{
    char *root = tree_new();
    tree_process(root, 7, "sh", 1);
    tree_text(root, "7/stat", "7 (sh S 1 7 7");
    tree_text(root, "7/status", "Uid:\t0\t0\t0\nGid:\t1\t1\t1\t1\nCapEff:\t0\n");
    struct scanned scanned = scan_tree(root, 4096, 0);
    const struct nh_record *r = scanned_find(&scanned, 7);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_STAT], EBADMSG);
    CHECK_NUMBER(r->err[NH_ERR_STATUS], EBADMSG);
    CHECK_NUMBER(r->status_seen, NH_SEEN_GID);
    CHECK_NUMBER(r->gid[2], 1);
    CHECK_NUMBER(r->err[NH_ERR_CGROUP], 0);
    CHECK_NUMBER(r->err[NH_ERR_NS + NH_NS_MNT], 0);
    CHECK_NUMBER(r->comm.length, 0);
    scanned_free(&scanned);
    tree_remove(root);
}

static void a_namespace_link_to_anything_else_is_malformed(void)
{
    char *root = tree_new();
    tree_directory(root, "7");
    tree_link(root, "7/ns/mnt", "net:[4026531840]");
    tree_link(root, "7/ns/net", "/etc/passwd");
    tree_text(root, "7/ns/pid", "pid:[1]");
    struct scanned scanned = scan_tree(root, 4096, 0);
    const struct nh_record *r = scanned_find(&scanned, 7);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_NS + NH_NS_MNT], EBADMSG);
    CHECK_NUMBER(r->err[NH_ERR_NS + NH_NS_NET], EBADMSG);
    CHECK_NUMBER(r->err[NH_ERR_NS + NH_NS_PID], EINVAL);
    CHECK_NUMBER(r->err[NH_ERR_NS + NH_NS_UTS], ENOENT);
    CHECK_NUMBER(r->ns[NH_NS_MNT], 0);
    scanned_free(&scanned);
    tree_remove(root);
}

static void files_that_are_links_or_pipes_lead_nowhere(void)
{
    char *root = tree_new();
    char path[256];
    tree_process(root, 7, "sh", 1);
    tree_directory(root, "8");
    tree_link(root, "8/status", "../7/status");
    tree_link(root, "8/cgroup", "/etc/passwd");
    tree_directory(root, "8/cmdline");
    snprintf(path, sizeof path, "%s/8/stat", root);
    CHECK_NUMBER(mkfifo(path, 0600), 0);
    struct scanned scanned = scan_tree(root, 4096, 0);
    const struct nh_record *r = scanned_find(&scanned, 8);
    CHECK(r != NULL);
    CHECK_NUMBER(r->err[NH_ERR_STATUS], ELOOP);
    CHECK_NUMBER(r->err[NH_ERR_CGROUP], ELOOP);
    CHECK_NUMBER(r->err[NH_ERR_CMDLINE], EISDIR);
    CHECK_NUMBER(r->err[NH_ERR_STAT], EBADMSG); /* an empty pipe; it must not hang */
    scanned_free(&scanned);
    tree_remove(root);
}

static void hostile_commands_come_out_as_they_are(void)
{
    char *root = tree_new();
    tree_process(root, 7, "x) R 1 (\n\x1b[2J\xff", 1);
    struct scanned scanned = scan_tree(root, 4096, 0);
    const struct nh_record *r = scanned_find(&scanned, 7);
    CHECK(r != NULL);
    ITEM(scanned, r->comm, "x) R 1 (\n\x1b[2J\xff");
    CHECK_NUMBER(r->state, 'S');
    CHECK_NUMBER(r->ppid, 1);
    scanned_free(&scanned);
    tree_remove(root);
}

static void long_command_lines_are_cut_at_the_limit_and_flagged(void)
{
    char *root = tree_new();
    char *bytes = malloc(128 << 10);
    memset(bytes, 'a', 128 << 10);
    tree_bytes(root, "7/cmdline", bytes, 128 << 10);
    tree_bytes(root, "8/cmdline", bytes, 4096);
    struct scanned scanned = scan_tree(root, 4096, 0);
    const struct nh_record *longer = scanned_find(&scanned, 7);
    const struct nh_record *fitting = scanned_find(&scanned, 8);
    CHECK_NUMBER(longer->flags, NH_CMDLINE_TRUNCATED);
    CHECK_BYTES(scanned_item(&scanned, longer->cmdline).start, longer->cmdline.length, bytes, 4096);
    CHECK_NUMBER(fitting->flags, 0);
    CHECK_NUMBER(fitting->cmdline.length, 4096);
    scanned_free(&scanned);
    scanned = scan_tree(root, 1 << 20, 0);
    longer = scanned_find(&scanned, 7);
    CHECK_NUMBER(longer->flags, 0);
    CHECK_BYTES(scanned_item(&scanned, longer->cmdline).start, longer->cmdline.length, bytes, 128 << 10);
    scanned_free(&scanned);
    scanned = scan_tree(root, 0, 0);
    longer = scanned_find(&scanned, 7);
    CHECK_NUMBER(longer->err[NH_ERR_CMDLINE], NH_SKIPPED);
    CHECK_NUMBER(longer->cmdline.length, 0);
    scanned_free(&scanned);
    free(bytes);
    tree_remove(root);
}

static void cgroups_of_100_kib_and_65536_groups_are_read_whole(void)
{
    char *root = tree_new();
    char *text = malloc(1 << 20);
    size_t length = (size_t)sprintf(text, "Groups:\t");
    for (unsigned i = 0; i < 65536; i++) {
        length += (size_t)sprintf(text + length, "%u ", 4294967295u - i);
    }
    length += (size_t)sprintf(text + length, "\nThreads:\t1\n");
    tree_bytes(root, "7/status", text, length);
    memset(text, 'c', 100 << 10);
    tree_bytes(root, "7/cgroup", text, 100 << 10);
    struct scanned scanned = scan_tree(root, 4096, 0);
    CHECK(scanned_is_sound(&scanned));
    const struct nh_record *r = scanned_find(&scanned, 7);
    CHECK_NUMBER(r->groups.length, 4 * 65536);
    const uint32_t *groups = (const uint32_t *)scanned_item(&scanned, r->groups).start;
    CHECK_NUMBER(groups[0], 4294967295u);
    CHECK_NUMBER(groups[65535], 4294967295u - 65535);
    CHECK_BYTES(scanned_item(&scanned, r->cgroup).start, r->cgroup.length, text, 100 << 10);
    scanned_free(&scanned);
    free(text);
    tree_remove(root);
}

static void five_thousand_processes_are_all_there(void)
{
    char *root = tree_new();
    for (int32_t pid = 5000; pid >= 1; pid--) {
        char path[32];
        snprintf(path, sizeof path, "%d/cmdline", pid);
        tree_text(root, path, path);
    }
    struct scanned scanned = scan_tree(root, 4096, 0);
    CHECK(scanned_is_sound(&scanned));
    CHECK_NUMBER(scanned.header.total, 5000);
    const struct nh_record *r = scanned_find(&scanned, 4711);
    ITEM(scanned, r->cmdline, "4711/cmdline");
    scanned_free(&scanned);
    tree_remove(root);
}

static void an_empty_root_is_an_empty_scan(void)
{
    char *root = tree_new();
    struct scanned scanned = scan_tree(root, 4096, 0);
    CHECK(scanned_is_sound(&scanned));
    CHECK_NUMBER(scanned.length, sizeof(struct nh_header));
    scanned_free(&scanned);
    tree_remove(root);
}

int main(void)
{
    RUN(a_process_is_read_whole);
    RUN(what_is_not_there_is_absent);
    RUN(a_label_comes_from_attr_current_where_apparmor_has_no_directory);
    RUN(only_directories_that_are_numbers_are_processes);
    RUN(malformed_files_are_reported_each_for_itself);
    RUN(a_namespace_link_to_anything_else_is_malformed);
    RUN(files_that_are_links_or_pipes_lead_nowhere);
    RUN(hostile_commands_come_out_as_they_are);
    RUN(long_command_lines_are_cut_at_the_limit_and_flagged);
    RUN(cgroups_of_100_kib_and_65536_groups_are_read_whole);
    RUN(five_thousand_processes_are_all_there);
    RUN(an_empty_root_is_an_empty_scan);
    return check_result();
}
