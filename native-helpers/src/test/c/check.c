#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *running;
static int failures;
static int skips;

void check_run(const char *name, void (*test)(void))
{
    running = name;
    test();
}

void check_failed(const char *file, int line, const char *what)
{
    failures++;
    printf("%s:%d: %s: does not hold: %s\n", file, line, running, what);
    fflush(stdout);
}

bool check_number(const char *file, int line, const char *what, long long actual, long long expected)
{
    if (actual == expected) {
        return true;
    }
    failures++;
    printf("%s:%d: %s: %s is %lld (0x%llx), not %lld (0x%llx)\n", file, line, running, what, actual,
            (unsigned long long)actual, expected, (unsigned long long)expected);
    fflush(stdout);
    return false;
}

bool check_bytes(const char *file, int line, const char *what, const void *actual, size_t actual_length,
        const void *expected, size_t expected_length)
{
    if (actual_length == expected_length && (actual_length == 0 || memcmp(actual, expected, actual_length) == 0)) {
        return true;
    }
    failures++;
    printf("%s:%d: %s: %s is (%zu) '%.*s', not (%zu) '%.*s'\n", file, line, running, what, actual_length,
            (int)(actual_length < 200 ? actual_length : 200), (const char *)actual, expected_length,
            (int)(expected_length < 200 ? expected_length : 200), (const char *)expected);
    fflush(stdout);
    return false;
}

void check_skipped(const char *reason)
{
    skips++;
    printf("skipped: %s: %s\n", running, reason);
    fflush(stdout);
}

int check_result(void)
{
    return failures > 0 ? 1 : skips > 0 ? 77 : 0;
}

int check_in_child(const char *name, void (*test)(void))
{
    int status = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        failures = 0; /* the parent's */
        skips = 0;
        check_run(name, test);
        _exit(check_result());
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
