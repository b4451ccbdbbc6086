// The tasks of the workload program, and what they share. workload.c says what each is for.
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include <signal.h>

// A task gets the arguments that stand behind its name, up to NULL, and returns the status to exit with.
typedef int task(char **arguments);

// disguise.c: processes that do not look like what they are
task run_from_memory, run_named, run_long, thread_before_promise, leader_ended;
// change.c: a process that changes itself when it is told to
task change;
// load.c: many of something
task churn, storm, many_mounts;
// enter.c: what is done to a container from the host
task enter, attach;

// The descriptor that `enter --keep` leaves open, beyond all that it opens itself.
enum { KEPT = 100 };

// Both say what was wrong and end the program: die() with errno, status 1; usage() with status 2.
_Noreturn void die(const char *what);
_Noreturn void usage(const char *what);

// Set by SIGTERM and SIGINT once end_on_signal() was called.
extern volatile sig_atomic_t asked_to_end;
void end_on_signal(void);

// Reaps children until asked to end; returns 0.
int wait_for_ever(void);

// Waits for ever too, as the body of a thread beside the first one.
void *thread_waits(void *unused);

// How many arguments there are before NULL.
int count_of(char **arguments);

// Bytes from hexadecimal digits, with a NUL behind them.
char *unhex(const char *text);

long long monotonic_ns(void);

#endif
