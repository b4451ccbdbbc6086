/* nh_events_*: what the kernel tells of processes, the same by the connector and by the ring; test_connector.c and test_ring.c have the rest. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "heard.h"
#include "plumbline.h"
#include "tree.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Each step of a life in a call of its own: it waits until the one before has been read. */
static void a_process_is_told_of_from_fork_to_exit(void)
{
    OPEN_OR_SKIP(events, 0);
    int go[2];
    uint64_t before = now_ns();
    uint64_t when;
    uint32_t what;
    CHECK_NUMBER(pipe(go), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char step;
        if (read(go[0], &step, 1) != 1 || setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0
                || read(go[0], &step, 1) != 1 || dup2(go[0], 0) < 0) {
            _exit(2);
        }
        execl("/bin/sh", "sh", "-c", "read step", (char *)NULL);
        _exit(3);
    }
    CHECK(told(events, pid, NH_EVENT_FORK, &what, &when));
    CHECK_NUMBER(write(go[1], "1", 1), 1);
    CHECK(!is_root() || told(events, pid, NH_EVENT_CREDENTIALS, &what, &when));
    CHECK_NUMBER(write(go[1], "2", 1), 1);
    CHECK(told(events, pid, NH_EVENT_EXEC, &what, &when));
    CHECK_NUMBER(write(go[1], "\n", 1), 1);
    CHECK(told(events, pid, NH_EVENT_EXIT, &what, &when));
    CHECK_NUMBER(waitpid(pid, NULL, 0), pid);
    CHECK(when >= before && when <= now_ns());
    CHECK_NUMBER(nh_events_close(events), 0);
    close(go[0]);
    close(go[1]);
}

static void of_a_life_that_is_over_its_end_is_left(void)
{
    OPEN_OR_SKIP(events, 0);
    uint64_t when;
    uint32_t what;
    pid_t pid = fork();
    if (pid == 0) {
        if (setresgid(65534, 65534, 65534) < 0 || setresuid(65534, 65534, 65534) < 0) {
            _exit(2);
        }
        execl("/bin/true", "true", (char *)NULL);
        _exit(3);
    }
    CHECK_NUMBER(waitpid(pid, NULL, 0), pid);
    CHECK(told(events, pid, NH_EVENT_LIFE, &what, &when));
    CHECK_NUMBER(what, NH_EVENT_LIFE);
    nh_events_close(events);
}

static void *nothing(void *unused)
{
    return unused;
}

static void threads_come_and_go_untold(void)
{
    OPEN_OR_SKIP(events, 0);
    pthread_t thread;
    uint64_t when;
    uint32_t what;
    pid_t pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 10; i++) {
            if (pthread_create(&thread, NULL, nothing, NULL) == 0) {
                pthread_join(thread, NULL);
            }
        }
        _exit(0);
    }
    CHECK_NUMBER(waitpid(pid, NULL, 0), pid);
    CHECK(told(events, pid, NH_EVENT_LIFE, &what, &when));
    /* Else the first thread that ended would have been taken for the process. */
    CHECK_NUMBER(what, NH_EVENT_LIFE);
    nh_events_close(events);
}

static void nothing_happens_within_the_time_is_no_event_and_no_error(void)
{
    OPEN_OR_SKIP(events, 0);
    uint64_t before = now_ns();
    CHECK(nh_events_read(events, room, sizeof room, 0) >= (int64_t)sizeof(struct nh_events));
    CHECK(now_ns() - before < 1000000000u);
    nh_events_close(events);
}

static void what_the_buffer_could_not_hold_is_counted(void)
{
    OPEN_OR_SKIP(events, 0);
    uint64_t lost = 0;
    int forks = 0;
    for (; forks < 20000 && lost == 0; forks++) {
        CHECK(short_life() > 0);
        if (forks % 1000 == 999) { /* with the default buffer some hundred fit */
            struct nh_events header;
            CHECK(nh_events_read(events, room, sizeof room, 0) > 0);
            memcpy(&header, room, sizeof header);
            lost += header.lost;
        }
    }
    CHECK(lost > 0);
    CHECK(lost <= 2 * 20000 + 20000);
    /* It goes on afterwards, and what was counted is not counted again. */
    uint64_t when;
    uint32_t what;
    pid_t pid = short_life();
    CHECK(pid > 0);
    CHECK(told(events, pid, NH_EVENT_LIFE, &what, &when));
    struct nh_events header;
    CHECK(nh_events_read(events, room, sizeof room, 0) > 0);
    memcpy(&header, room, sizeof header);
    CHECK_NUMBER(header.lost, 0);
    nh_events_close(events);
}

static void a_large_buffer_holds_a_storm(void)
{
    OPEN_OR_SKIP(events, 8 << 20);
    if (ring == 0 && (opened.features & NH_FEATURE_BUFFER) == 0) {
        nh_events_close(events);
        SKIP("may not have a larger buffer");
    }
    for (int i = 0; i < 2000; i++) {
        CHECK(short_life() > 0);
    }
    uint32_t count = 0;
    struct nh_events header;
    do {
        CHECK(nh_events_read(events, room, sizeof room, 0) > 0);
        memcpy(&header, room, sizeof header);
        CHECK_NUMBER(header.lost, 0);
        count += header.count;
    } while (header.count > 0);
    CHECK(count >= 2000); /* a fork and an exit each, or a life */
    nh_events_close(events);
}

enum { STORM = 1000 };

static uint32_t told_of[1 << 22]; /* by pid; 4194304 is the most that the kernel gives */

/* Takes down what was told. Returns whether a whole process has been, or -1 if that was not in its order. */
static int take_down(const struct nh_event *event)
{
    uint32_t before = told_of[event->pid];
    bool is_begun = (before & NH_EVENT_FORK) != 0;
    bool is_over = (before & (NH_EVENT_EXIT | NH_EVENT_LIFE)) != 0;
    told_of[event->pid] = before | event->what;
    if (is_over || (event->what == NH_EVENT_FORK && before != 0) || (event->what == NH_EVENT_LIFE && is_begun)) {
        return -1;
    }
    return event->what == NH_EVENT_LIFE || (event->what == NH_EVENT_EXIT && is_begun);
}

/*
 * Read while it rages: some begin in one moment and end in the next, and are kept back between. Each is told of from its
 * beginning to its end, in that order, or as a life.
 */
static void of_a_storm_each_is_told_of_once(void)
{
    OPEN_OR_SKIP(events, 8 << 20);
    memset(told_of, 0, sizeof told_of);
    pid_t parent = fork();
    if (parent == 0) {
        for (int i = 0; i < STORM; i++) {
            if (short_life() < 0) {
                _exit(1);
            }
        }
        _exit(0);
    }
    int ended = 0;
    bool over = false;
    for (uint64_t end = now_ns() + 20000000000u; !over && now_ns() < end;) {
        struct nh_events header;
        CHECK(nh_events_read(events, room, sizeof room, 200) > 0);
        memcpy(&header, room, sizeof header);
        CHECK_NUMBER(header.lost, 0);
        for (uint32_t i = 0; i < header.count; i++) {
            struct nh_event event;
            memcpy(&event, room + sizeof header + i * sizeof event, sizeof event);
            over |= event.pid == parent && event.what == NH_EVENT_EXIT;
            int whole = take_down(&event);
            CHECK(whole >= 0);
            ended += whole;
        }
    }
    CHECK(over);
    CHECK(ended >= STORM);
    CHECK_NUMBER(waitpid(parent, NULL, 0), parent);
    nh_events_close(events);
}

static void little_room_gives_the_rest_with_the_next_call(void)
{
    OPEN_OR_SKIP(events, 0);
    _Alignas(8) char little[sizeof(struct nh_events) + sizeof(struct nh_event)];
    pid_t pid = short_life();
    CHECK(pid > 0);
    uint32_t seen = 0;
    for (int i = 0; i < 1000 && seen != (NH_EVENT_FORK | NH_EVENT_EXIT); i++) {
        struct nh_events header;
        struct nh_event event;
        CHECK(nh_events_read(events, little, sizeof little, 100) <= (int64_t)sizeof little);
        memcpy(&header, little, sizeof header);
        CHECK(header.count <= 1);
        memcpy(&event, little + sizeof header, sizeof event);
        seen |= header.count == 1 && event.pid == pid ? event.what : 0;
    }
    CHECK_NUMBER(seen, NH_EVENT_FORK | NH_EVENT_EXIT);
    CHECK_NUMBER(nh_events_read(events, little, sizeof little - 8, 0), -ENOSPC);
    nh_events_close(events);
}

static void wrong_arguments_are_refused(void)
{
    _Alignas(8) char out[64];
    CHECK_NUMBER(nh_events_open(NULL, 0, out, sizeof out), -EINVAL);
    CHECK_NUMBER(nh_events_open("/proc", -1, out, sizeof out), -EINVAL);
    CHECK_NUMBER(nh_events_open("/proc", 0, out, 8), -EINVAL);
    CHECK_NUMBER(nh_events_open("/proc", 0, out + 4, 32), -EINVAL);
    CHECK_NUMBER(nh_events_open("/nowhere", 0, out, sizeof out), -ENOENT);
    char why[64];
    CHECK_NUMBER(nh_events_ring(0, RING, why, sizeof why), -EINVAL);
    CHECK_NUMBER(nh_events_read(0, out, sizeof out, 0), -EINVAL);
    CHECK_NUMBER(nh_events_close(0), -EINVAL);
}

static void a_captured_tree_has_no_events(void)
{
    _Alignas(8) struct nh_backend result;
    char *root = tree_new();
    tree_process(root, 1, "init", 1);
    CHECK_NUMBER(nh_events_open(root, 0, &result, sizeof result), -ENOENT);
    CHECK_NUMBER(result.step, NH_STEP_NAMESPACE);
    CHECK_NUMBER(result.error, ENOENT);
    tree_remove(root);
}

static int64_t shared;

static void *wait_long(void *unused)
{
    _Alignas(8) static char other[ROOM];
    nh_events_read(shared, other, sizeof other, 1000);
    return unused;
}

static void a_second_call_at_the_same_time_is_refused(void)
{
    OPEN_OR_SKIP(events, 0);
    pthread_t thread;
    shared = events;
    int busy = 0;
    for (int round = 0; round < 20 && busy == 0; round++) {
        CHECK_NUMBER(pthread_create(&thread, NULL, wait_long, NULL), 0);
        for (int i = 0; i < 200 && busy == 0; i++) {
            busy = nh_events_read(events, room, sizeof room, 0) == -EBUSY;
            usleep(500);
        }
        pthread_join(thread, NULL);
    }
    CHECK(busy);
    CHECK_NUMBER(nh_events_close(events), 0);
}

static void run_all(void)
{
    RUN(a_process_is_told_of_from_fork_to_exit);
    RUN(of_a_life_that_is_over_its_end_is_left);
    RUN(threads_come_and_go_untold);
    RUN(nothing_happens_within_the_time_is_no_event_and_no_error);
    RUN(a_large_buffer_holds_a_storm);
    RUN(of_a_storm_each_is_told_of_once);
    RUN(little_room_gives_the_rest_with_the_next_call);
    RUN(a_second_call_at_the_same_time_is_refused);
}

int main(void)
{
    run_all();
    RUN(what_the_buffer_could_not_hold_is_counted);
    RUN(wrong_arguments_are_refused);
    RUN(a_captured_tree_has_no_events);
    puts("# by the ring");
    ring = RING;
    run_all();
    ring = (int32_t)sysconf(_SC_PAGESIZE);
    RUN(what_the_buffer_could_not_hold_is_counted);
    return check_result();
}
