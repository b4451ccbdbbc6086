/* held_*: what is kept back is given back in its order, and nothing of it is lost. */
#include "check.h"
#include "held.h"

enum { FORK = NH_EVENT_FORK, EXEC = NH_EVENT_EXEC, CREDENTIALS = NH_EVENT_CREDENTIALS, EXIT = NH_EVENT_EXIT, LIFE = NH_EVENT_LIFE };

static void the_young_are_kept_and_given_back_in_their_order(void)
{
    static struct held held;
    struct nh_event events[] = {{10, 7, FORK}, {20, 8, FORK}, {20, 9, EXIT}, {30, 8, EXEC}, {30, 5, LIFE}, {40, 7, CREDENTIALS}};
    CHECK_NUMBER(held_keep(&held, events, 6, 20, 6), 3);
    CHECK_NUMBER(events[0].what, FORK);
    CHECK_NUMBER(events[0].pid, 7);
    CHECK_NUMBER(events[1].what, EXIT);
    CHECK_NUMBER(events[2].what, LIFE);

    struct nh_event back[4];
    CHECK_NUMBER(held_give_back(&held, back, 4), 3);
    CHECK_NUMBER(back[0].what, FORK);
    CHECK_NUMBER(back[0].pid, 8);
    CHECK_NUMBER(back[1].what, EXEC);
    CHECK_NUMBER(back[2].what, CREDENTIALS);
    CHECK_NUMBER(held_give_back(&held, back, 4), 0);
}

static void what_finds_no_room_stays(void)
{
    static struct held held;
    struct nh_event events[] = {{10, 1, FORK}, {11, 2, FORK}, {12, 3, FORK}};
    struct nh_event back[2];
    CHECK_NUMBER(held_keep(&held, events, 3, 0, 3), 0);
    CHECK_NUMBER(held_give_back(&held, back, 2), 2);
    CHECK_NUMBER(back[1].pid, 2);
    CHECK_NUMBER(held_give_back(&held, back, 2), 1);
    CHECK_NUMBER(back[0].pid, 3);
}

static void more_than_may_be_kept_are_all_told(void)
{
    static struct held held;
    static struct nh_event events[HELD_MAX + 1];
    for (int32_t i = 0; i <= HELD_MAX; i++) {
        events[i] = (struct nh_event){5, i + 1, FORK};
    }
    CHECK_NUMBER(held_keep(&held, events, 2, 0, 1), 2);
    CHECK_NUMBER(held_keep(&held, events, HELD_MAX + 1, 0, 2 * HELD_MAX), HELD_MAX + 1);
    CHECK_NUMBER(held.count, 0);
    CHECK_NUMBER(held_keep(&held, events, HELD_MAX, 0, HELD_MAX), 0);
    CHECK_NUMBER(held_keep(&held, events, 1, 0, HELD_MAX), 1);
    CHECK_NUMBER(held_give_back(&held, events, HELD_MAX + 1), HELD_MAX);
    CHECK_NUMBER(events[HELD_MAX - 1].pid, HELD_MAX);
}

int main(void)
{
    RUN(the_young_are_kept_and_given_back_in_their_order);
    RUN(what_finds_no_room_stays);
    RUN(more_than_may_be_kept_are_all_told);
    return check_result();
}
