/* Who is read again: whose fingerprint is another, whom nobody knows whole, and each one now and then. */
#include "check.h"
#include "watched.h"

#include <errno.h>

enum { PID = 7 };

#define SECOND_NS 1000000000u
#define MINUTE_NS (60 * (uint64_t)SECOND_NS)

/* How often a process that never changes is read in two minutes of scans, one each second. */
static int times_read(struct delta *delta)
{
    struct watched process = {.start_ns = 5, .hash = 3, .pid = PID};
    struct watched_list last = {0};
    struct watched_list now = {0};
    bool added = watched_add(&last, process) == 0 && watched_add(&now, process) == 0;
    int times = 0;
    for (uint64_t second = 0; added && second < 120; second++) {
        struct watched_turn turn = {MINUTE_NS, second * SECOND_NS, (second + 1) * SECOND_NS};
        watched_compare(&now, &last, delta, turn);
        times += (int)now.changed;
    }
    watched_free(&last);
    watched_free(&now);
    return times;
}

/* As a scan does that found an error in one field. */
static int times_read_after(uint16_t error)
{
    struct delta delta = {.key = {1, 2}};
    struct nh_record record = {.pid = PID, .start_time = 5, .state = 'S', .threads = 1};
    bool changed;
    record.err[NH_ERR_EXE] = error;
    delta_begin(&delta);
    int times = -1;
    if (delta_note(&delta, &record, &changed) == 0) {
        delta_commit(&delta);
        times = times_read(&delta);
    }
    delta_free(&delta);
    return times;
}

static void who_is_known_whole_is_read_in_his_turn(void)
{
    CHECK_NUMBER(times_read_after(0), 2);
    CHECK_NUMBER(times_read_after(ENOENT), 2);
}

static void what_may_not_be_read_is_tried_again_every_ten_seconds(void)
{
    CHECK_NUMBER(times_read_after(EACCES), 12);
    CHECK_NUMBER(times_read_after(EPERM), 12);
}

static void what_could_not_be_read_is_tried_again_at_once(void)
{
    CHECK_NUMBER(times_read_after(EMFILE), 120);
    CHECK_NUMBER(times_read_after(EIO), 120);
}

static void nobody_knows_him(void)
{
    struct delta empty = {0};
    CHECK_NUMBER(times_read(&empty), 120);
}

int main(void)
{
    RUN(who_is_known_whole_is_read_in_his_turn);
    RUN(what_may_not_be_read_is_tried_again_every_ten_seconds);
    RUN(what_could_not_be_read_is_tried_again_at_once);
    RUN(nobody_knows_him);
    return check_result();
}
