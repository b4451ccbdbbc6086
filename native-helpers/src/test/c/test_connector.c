/* The process connector: which namespaces it is heard from, and what is no consent to be heard. */
#define _GNU_SOURCE
#include "check.h"
#include "child.h"
#include "heard.h"
#include "plumbline.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

static void opens_from_its_own_network(void)
{
    CHECK_NUMBER(unshare(CLONE_NEWNET), 0);
    unsigned own = namespace_inode(getpid(), "net");
    int64_t events = open_events(0);
    CHECK(events > 0);
    CHECK_NUMBER(namespace_inode(getpid(), "net"), own);
    nh_events_close(events);
}

static void a_network_of_its_own_is_no_hindrance(void)
{
    OPEN_OR_SKIP(events, 0);
    nh_events_close(events);
    if (!is_root()) {
        SKIP("needs root for a network namespace");
    }
    CHECK_NUMBER(RESULT_IN_CHILD(opens_from_its_own_network), 0);
}

static void is_ignored(void)
{
    CHECK_NUMBER(open_events(0), -ETIMEDOUT);
    CHECK_NUMBER(opened.step, NH_STEP_ACKNOWLEDGE);
    CHECK_NUMBER(opened.error, ETIMEDOUT);
}

static void in_a_pid_namespace_of_its_own(void)
{
    CHECK_NUMBER(unshare(CLONE_NEWPID), 0);
    CHECK_NUMBER(RESULT_IN_CHILD(is_ignored), 0);
}

/* Events may leak in all the same: another listener of this machine is there. Without an acknowledgement they are not ours. */
static void another_pid_namespace_is_not_taken_for_consent(void)
{
    OPEN_OR_SKIP(events, 0);
    if (!is_root()) {
        SKIP("needs root for a pid namespace");
    }
    CHECK_NUMBER(RESULT_IN_CHILD(in_a_pid_namespace_of_its_own), 0);
    nh_events_close(events);
}

int main(void)
{
    RUN(a_network_of_its_own_is_no_hindrance);
    RUN(another_pid_namespace_is_not_taken_for_consent);
    return check_result();
}
