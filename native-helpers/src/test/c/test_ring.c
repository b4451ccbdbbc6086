/* The ring of BPF programs: what it tells beyond the connector, which rings are refused, and who goes on without one. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "heard.h"
#include "plumbline.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *live_on(void *unused)
{
    usleep(300000);
    _exit(unused != NULL);
}

/* The ring tells of the last thread's end, the connector of the first one's. */
static void the_end_of_a_process_is_that_of_its_last_thread(void)
{
    OPEN_OR_SKIP(events, 0);
    uint64_t when;
    uint32_t what;
    uint64_t before = now_ns();
    pid_t pid = fork();
    if (pid == 0) {
        pthread_t thread;
        pthread_create(&thread, NULL, live_on, NULL);
        pthread_exit(NULL);
    }
    CHECK(told(events, pid, NH_EVENT_EXIT, &what, &when));
    CHECK(when - before > 250000000u);
    CHECK_NUMBER(waitpid(pid, NULL, 0), pid);
    nh_events_close(events);
}

static void a_ring_that_cannot_be_is_refused(void)
{
    OPEN_OR_SKIP(events, 0);
    CHECK_NUMBER(nh_events_ring(events, 0, no_ring, sizeof no_ring), -EINVAL);
    CHECK_NUMBER(nh_events_ring(events, 100, no_ring, sizeof no_ring), -EINVAL);
    CHECK_NUMBER(nh_events_ring(events, 3 * RING, no_ring, sizeof no_ring), -EINVAL);
    CHECK_NUMBER(nh_events_ring(events, RING, NULL, 10), -EINVAL);
    CHECK_NUMBER(nh_events_ring(events, RING, no_ring, 0), -EINVAL);
    nh_events_close(events);
}

static void a_second_ring_is_the_first_one(void)
{
    OPEN_OR_SKIP(events, 0);
    CHECK_NUMBER(nh_events_ring(events, 2 * RING, no_ring, sizeof no_ring), 0);
    CHECK_NUMBER(strlen(no_ring), 0);
    nh_events_close(events);
}

/* Of the capabilities that the ring takes none is left, so all stays with the connector. */
static void goes_on_without_a_ring(void)
{
    int64_t events = open_events(0);
    CHECK(events > 0);
    CHECK_NUMBER(setresuid(65534, 65534, 65534), 0);
    int error = nh_events_ring(events, RING, no_ring, sizeof no_ring);
    CHECK_NUMBER(error, -EPERM);
    CHECK(strstr(no_ring, "CAP_BPF") != NULL);
    uint64_t when;
    uint32_t what;
    pid_t pid = short_life();
    CHECK(pid > 0);
    CHECK(told(events, pid, NH_EVENT_LIFE, &what, &when));
    nh_events_close(events);
}

static void without_the_right_to_a_ring_the_connector_tells_all(void)
{
    OPEN_OR_SKIP(events, 0);
    nh_events_close(events);
    if (!is_root()) {
        SKIP("needs root, to have rights that can be given up");
    }
    CHECK_NUMBER(RESULT_IN_CHILD(goes_on_without_a_ring), 0);
}

int main(void)
{
    RUN(a_ring_that_cannot_be_is_refused);
    RUN(without_the_right_to_a_ring_the_connector_tells_all);
    ring = RING;
    RUN(a_second_ring_is_the_first_one);
    RUN(the_end_of_a_process_is_that_of_its_last_thread);
    return check_result();
}
