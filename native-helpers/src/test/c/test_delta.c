/* NH_DELTA: what is new, changed or ended since the last scan, and nothing else. */
#include "check.h"
#include "scanned.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *tree_of_three(void)
{
    char *root = tree_new();
    tree_process(root, 7, "a", 1);
    tree_process(root, 8, "b", 1);
    tree_process(root, 9, "c", 1);
    return root;
}

/* Scans, and compares the pids of the records and of the ended with these, each list ended by 0. */
static bool delta_is(int64_t handle, const int32_t *changed, const int32_t *ended)
{
    struct scanned scanned = scan_all(handle, NH_DELTA);
    bool right = scanned_is_sound(&scanned);
    uint32_t count = 0;
    for (; changed[count] != 0; count++) {
        right = right && scanned_find(&scanned, changed[count]) != NULL;
    }
    right = right && scanned.header.changed == count;
    struct span list = scanned_item(
            &scanned, (struct nh_item){scanned.header.ended_offset, 4 * scanned.header.ended_count});
    for (count = 0; ended[count] != 0; count++) {
        right = right && count < scanned.header.ended_count && ((const int32_t *)list.start)[count] == ended[count];
    }
    right = right && scanned.header.ended_count == count;
    scanned_free(&scanned);
    return right;
}

#define PIDS(...) ((const int32_t[]){__VA_ARGS__ 0})

static void only_what_changed_is_told(void)
{
    char *root = tree_of_three();
    int64_t handle = nh_open(root, 4096, 0);
    CHECK(delta_is(handle, PIDS(7, 8, 9, ), PIDS()));
    CHECK(delta_is(handle, PIDS(), PIDS()));
    tree_text(root, "8/cgroup", "0::/elsewhere\n");
    CHECK(delta_is(handle, PIDS(8, ), PIDS()));
    CHECK(delta_is(handle, PIDS(), PIDS()));
    tree_text(root, "9/attr/apparmor/current", "unconfined\n");
    tree_text(root, "7/status", "CapEff:\tffffffffffffffff\n");
    CHECK(delta_is(handle, PIDS(7, 9, ), PIDS()));
    CHECK(delta_is(handle, PIDS(), PIDS()));
    nh_close(handle);
    tree_remove(root);
}

static void pids_that_ended_are_told_once(void)
{
    char *root = tree_of_three();
    char path[256];
    char moved[256];
    int64_t handle = nh_open(root, 4096, 0);
    CHECK(delta_is(handle, PIDS(7, 8, 9, ), PIDS()));
    snprintf(path, sizeof path, "%s/8", root);
    snprintf(moved, sizeof moved, "%s/10", root);
    CHECK_NUMBER(rename(path, moved), 0);
    CHECK(delta_is(handle, PIDS(10, ), PIDS(8, )));
    CHECK(delta_is(handle, PIDS(), PIDS()));
    nh_close(handle);
    tree_remove(root);
}

static void a_pid_with_another_start_time_has_ended_and_is_new(void)
{
    char *root = tree_of_three();
    int64_t handle = nh_open(root, 4096, 0);
    CHECK(delta_is(handle, PIDS(7, 8, 9, ), PIDS()));
    tree_text(root, "9/stat", "9 (c) S 1 9 9 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 1 0 2 1658880 1\n");
    CHECK(delta_is(handle, PIDS(9, ), PIDS(9, )));
    CHECK(delta_is(handle, PIDS(), PIDS()));
    nh_close(handle);
    tree_remove(root);
}

static void waking_up_is_no_change(void)
{
    char *root = tree_of_three();
    int64_t handle = nh_open(root, 4096, 0);
    tree_text(root, "7/status", "State:\tS (sleeping)\nThreads:\t1\n");
    CHECK(delta_is(handle, PIDS(7, 8, 9, ), PIDS()));
    tree_text(root, "7/status", "State:\tR (running)\nThreads:\t12\n");
    CHECK(delta_is(handle, PIDS(), PIDS()));
    nh_close(handle);
    tree_remove(root);
}

static void a_scan_that_did_not_fit_has_not_been(void)
{
    char *root = tree_of_three();
    int64_t handle = nh_open(root, 4096, 0);
    CHECK(delta_is(handle, PIDS(7, 8, 9, ), PIDS()));
    tree_text(root, "8/cgroup", "0::/elsewhere\n");
    _Alignas(8) char small[128];
    CHECK_NUMBER(nh_scan(handle, NH_DELTA, small, sizeof small), -ENOSPC);
    CHECK(delta_is(handle, PIDS(8, ), PIDS()));
    nh_close(handle);
    tree_remove(root);
}

static void full_scans_and_details_may_come_between(void)
{
    char *root = tree_of_three();
    int64_t handle = nh_open(root, 4096, 0);
    struct scanned full = scan_all(handle, NH_FULL);
    CHECK_NUMBER(full.header.changed, 3);
    scanned_free(&full);
    CHECK(delta_is(handle, PIDS(), PIDS()));
    tree_text(root, "8/cgroup", "0::/elsewhere\n");
    struct scanned detail = scan_some(handle, 0, PIDS(8, ), 1);
    CHECK_NUMBER(detail.header.changed, 1);
    scanned_free(&detail);
    CHECK(delta_is(handle, PIDS(8, ), PIDS()));
    tree_text(root, "8/cgroup", "0::/third\n");
    full = scan_all(handle, NH_FULL);
    CHECK_NUMBER(full.header.changed, 3);
    CHECK_NUMBER(full.header.ended_count, 0);
    scanned_free(&full);
    CHECK(delta_is(handle, PIDS(), PIDS()));
    nh_close(handle);
    tree_remove(root);
}

static void the_hash_does_not_depend_on_where_a_record_is(void)
{
    char *root = tree_of_three();
    int64_t handle = nh_open(root, 4096, 0);
    struct scanned all = scan_all(handle, NH_FULL);
    struct scanned one = scan_some(handle, 0, PIDS(9, ), 1);
    CHECK(scanned_find(&all, 9)->comm.offset != scanned_find(&one, 9)->comm.offset);
    CHECK_NUMBER(scanned_find(&all, 9)->hash, scanned_find(&one, 9)->hash);
    scanned_free(&all);
    scanned_free(&one);
    nh_close(handle);
    tree_remove(root);
}

int main(void)
{
    RUN(only_what_changed_is_told);
    RUN(pids_that_ended_are_told_once);
    RUN(a_pid_with_another_start_time_has_ended_and_is_new);
    RUN(waking_up_is_no_change);
    RUN(a_scan_that_did_not_fit_has_not_been);
    RUN(full_scans_and_details_may_come_between);
    RUN(the_hash_does_not_depend_on_where_a_record_is);
    return check_result();
}
