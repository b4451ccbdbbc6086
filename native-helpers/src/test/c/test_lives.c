/* lives_settle: of whom it is over only the end is left, and everybody else's events stay as they are. */
#include "check.h"
#include "lives.h"

#include <string.h>

enum { FORK = NH_EVENT_FORK, EXEC = NH_EVENT_EXEC, CREDENTIALS = NH_EVENT_CREDENTIALS, EXIT = NH_EVENT_EXIT, LIFE = NH_EVENT_LIFE };

/* Pids and kinds; the time of each is its place. */
struct step {
    int32_t pid;
    uint32_t what;
};

static void check_settled(const struct step *before, size_t count, const struct step *after, size_t left)
{
    struct nh_event events[64];
    struct lives lives = {0};
    for (size_t i = 0; i < count; i++) {
        events[i] = (struct nh_event){.monotonic_ns = i, .pid = before[i].pid, .what = before[i].what};
    }
    size_t got = lives_settle(&lives, events, count);
    lives_free(&lives);
    CHECK_NUMBER(got, left);
    for (size_t i = 0; i < left; i++) {
        CHECK_NUMBER(events[i].pid, after[i].pid);
        CHECK_NUMBER(events[i].what, after[i].what);
    }
}
#define CHECK_SETTLED(before, after)                                                                                   \
    check_settled(before, sizeof before / sizeof *before, after, sizeof after / sizeof *after)

static void a_whole_life_is_one_event(void)
{
    const struct step before[] = {{7, FORK}, {7, CREDENTIALS}, {7, EXEC}, {7, EXIT}};
    const struct step after[] = {{7, LIFE}};
    CHECK_SETTLED(before, after);
}

static void of_one_who_was_there_before_the_end_is_left(void)
{
    const struct step before[] = {{7, EXEC}, {7, CREDENTIALS}, {7, EXIT}};
    const struct step after[] = {{7, EXIT}};
    CHECK_SETTLED(before, after);
}

static void who_lives_keeps_all(void)
{
    const struct step before[] = {{7, FORK}, {8, EXEC}, {7, EXEC}, {8, CREDENTIALS}, {9, FORK}};
    CHECK_SETTLED(before, before);
}

static void others_between_stay_in_their_order(void)
{
    const struct step before[] = {{7, FORK}, {8, FORK}, {7, EXEC}, {8, EXEC}, {7, EXIT}, {9, EXIT}};
    const struct step after[] = {{8, FORK}, {8, EXEC}, {7, LIFE}, {9, EXIT}};
    CHECK_SETTLED(before, after);
}

static void a_life_has_the_time_of_its_birth_and_an_end_its_own(void)
{
    struct nh_event events[] = {{10, 6, EXEC}, {20, 7, FORK}, {30, 7, EXEC}, {40, 6, EXIT}, {50, 7, EXIT}};
    struct lives lives = {0};
    CHECK_NUMBER(lives_settle(&lives, events, 5), 2);
    lives_free(&lives);
    CHECK_NUMBER(events[0].monotonic_ns, 40);
    CHECK_NUMBER(events[1].monotonic_ns, 20);
}

/* A number that is given away again is another process. */
static void the_next_one_of_a_number_is_another(void)
{
    const struct step before[] = {{7, EXEC}, {7, EXIT}, {7, FORK}, {7, EXEC}, {7, EXIT}, {7, FORK}, {7, EXEC}};
    const struct step after[] = {{7, EXIT}, {7, LIFE}, {7, FORK}, {7, EXEC}};
    CHECK_SETTLED(before, after);
}

/* A thread that runs another program takes the place of the first one, which ends: the process goes on. */
static void what_comes_after_the_end_of_a_leader_stays(void)
{
    const struct step before[] = {{7, FORK}, {7, EXIT}, {7, EXEC}};
    const struct step after[] = {{7, LIFE}, {7, EXEC}};
    CHECK_SETTLED(before, after);
}

static void one_event_or_none_is_as_it_was(void)
{
    const struct step one[] = {{7, EXIT}};
    CHECK_SETTLED(one, one);
    CHECK_NUMBER(lives_settle(&(struct lives){0}, NULL, 0), 0);
}

/* More than there is room for at first, with numbers that fall on the same places. */
static void many_batches_of_many(void)
{
    enum { MANY = 3000 };
    static struct nh_event events[2 * MANY];
    struct lives lives = {0};
    for (int batch = 1; batch <= 3; batch++) {
        for (int32_t i = 0; i < MANY; i++) {
            events[2 * i] = (struct nh_event){.pid = 1 + 64 * i, .what = FORK};
            events[2 * i + 1] = (struct nh_event){.pid = 1 + 64 * (i / 2), .what = i % 2 == 0 ? EXEC : EXIT};
        }
        size_t left = lives_settle(&lives, events, 2 * MANY / (size_t)batch);
        CHECK(left > 0 && left < 2 * MANY / (size_t)batch);
        for (size_t i = 0; i < left; i++) {
            CHECK(events[i].pid > 0);
        }
    }
    lives_free(&lives);
}

int main(void)
{
    RUN(a_whole_life_is_one_event);
    RUN(of_one_who_was_there_before_the_end_is_left);
    RUN(who_lives_keeps_all);
    RUN(others_between_stay_in_their_order);
    RUN(a_life_has_the_time_of_its_birth_and_an_end_its_own);
    RUN(the_next_one_of_a_number_is_another);
    RUN(what_comes_after_the_end_of_a_leader_stays);
    RUN(one_event_or_none_is_as_it_was);
    RUN(many_batches_of_many);
    return check_result();
}
