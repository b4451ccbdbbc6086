/*
 * Neither way to know what changed misses anything: real processes change themselves at random, and what the scans tell
 * is what /proc says.
 */
#define _GNU_SOURCE
#include "changing.h"
#include "check.h"
#include "child.h"
#include "scanned.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define READ_ALL (NH_WITH_THREADS | NH_WITH_EXE_ID | NH_WITH_DIRECTORIES | NH_WITH_TIME_NS)

static uint64_t state = 0x243f6a8885a308d3;

static unsigned random_below(unsigned bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)(state >> 32) % bound;
}

enum { PROCESSES = 30, ROUNDS = 60 };

/* The scans' picture of our processes against what /proc says of them now. The hash is of every field of a record. */
static bool agree(int64_t handle, struct changing *processes, int by, uint32_t backend, int round)
{
    int32_t pids[PROCESSES];
    bool same = true;
    struct scanned changes = scan_all(handle, NH_DELTA | by | READ_ALL);
    for (int i = 0; i < PROCESSES; i++) {
        const struct nh_record *record = scanned_find(&changes, processes[i].pid);
        processes[i].hash = record != NULL ? record->hash : processes[i].hash;
        pids[i] = processes[i].pid;
    }
    bool as_wanted = changes.header.backend == backend;
    scanned_free(&changes);
    struct scanned now = scan_some(handle, READ_ALL, pids, PROCESSES);
    for (int i = 0; i < PROCESSES; i++) {
        const struct nh_record *record = scanned_find(&now, pids[i]);
        if (record == NULL || record->hash != processes[i].hash) {
            printf("round %d: %d is not as it was told\n", round, pids[i]);
            same = false;
        }
    }
    scanned_free(&now);
    return same && as_wanted;
}

/* An emulator has no seccomp filters, has threads of its own, and perhaps nobody runs its programs. */
static bool can_be_made(int what, bool cgroups)
{
    if (what == MOVE || what == MOVE_BACK) {
        return cgroups;
    }
    if (what != FILTER && what != EXECUTE && what != ENTER_USER_NS) {
        return true;
    }
    struct changing process = changing_start();
    bool made = changing_tell(&process, what, 0);
    changing_stop(&process);
    return made;
}

static void every_change_is_seen(int64_t handle, int by, uint32_t backend)
{
    struct changing processes[PROCESSES];
    int done[CHANGES] = {0};
    bool agreed = true;
    bool cgroups = changing_make_cgroups();
    for (int i = 0; i < PROCESSES; i++) {
        processes[i] = changing_start();
    }
    for (int round = 0; round < ROUNDS && agreed; round++) {
        for (int i = 0; i < PROCESSES; i++) {
            for (unsigned left = random_below(3); left > 0; left--) {
                int what = (int)random_below(CHANGES);
                done[what] += changing_tell(&processes[i], what, random_below(100000));
            }
        }
        agreed = agree(handle, processes, by, backend, round);
        if (agreed && random_below(4) == 0) { /* and one that is new under an old number perhaps */
            struct changing *process = &processes[random_below(PROCESSES)];
            changing_stop(process);
            *process = changing_start();
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        changing_stop(&processes[i]);
    }
    changing_remove_cgroups();
    CHECK(agreed);
    for (int what = 0; what < CHANGES; what++) {
        bool expected = can_be_made(what, cgroups);
        if (expected && done[what] == 0) {
            printf("change %d was never made\n", what);
        }
        CHECK(!expected || done[what] > 0);
    }
}

static void every_change_is_seen_by_the_iterator(void)
{
    char why[512];
    int64_t handle = nh_open("/proc", 4096, 0);
    if (!is_root() || nh_iterator_open(handle, why, sizeof why) < 0) {
        nh_close(handle);
        SKIP(is_root() ? why : "not root");
    }
    every_change_is_seen(handle, NH_BY_ITERATOR, NH_BACKEND_ITERATOR);
    nh_close(handle);
}

static void every_change_is_seen_by_who_has_run(void)
{
    if (!is_root()) {
        SKIP("not root");
    }
    int64_t handle = nh_open("/proc", 4096, 0);
    every_change_is_seen(handle, NH_BY_SCHEDSTAT, NH_BACKEND_SCHEDSTAT);
    nh_close(handle);
}

int main(int argc, char **argv)
{
    if (changing_main(argc, argv)) {
        return 1;
    }
    signal(SIGPIPE, SIG_IGN);
    RUN(every_change_is_seen_by_the_iterator);
    RUN(every_change_is_seen_by_who_has_run);
    return check_result();
}
