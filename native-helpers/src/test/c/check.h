/* What all test programs share: checks that say what differs, and tests that may be skipped for a printed reason. */
#ifndef CHECK_H
#define CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* Runs a test function and names it, if it fails. */
#define RUN(test) check_run(#test, test)

/* Each of these ends the test function if it does not hold. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            check_failed(__FILE__, __LINE__, #condition);                                                              \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)
#define CHECK_NUMBER(actual, expected)                                                                                 \
    do {                                                                                                               \
        if (!check_number(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))) {                  \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)
#define CHECK_BYTES(actual, actual_length, expected, expected_length)                                                  \
    do {                                                                                                               \
        if (!check_bytes(__FILE__, __LINE__, #actual, actual, actual_length, expected, expected_length)) {             \
            return;                                                                                                    \
        }                                                                                                              \
    } while (0)

/* The test cannot be run here. */
#define SKIP(reason)                                                                                                   \
    do {                                                                                                               \
        check_skipped(reason);                                                                                         \
        return;                                                                                                        \
    } while (0)

void check_run(const char *name, void (*test)(void));
void check_failed(const char *file, int line, const char *what);
bool check_number(const char *file, int line, const char *what, long long actual, long long expected);
bool check_bytes(const char *file, int line, const char *what, const void *actual, size_t actual_length,
        const void *expected, size_t expected_length);
void check_skipped(const char *reason);

/* For main, or a child, to return: 0, 1 or 77. */
int check_result(void);

/* Runs a test function in a child, which may become another. Returns what the child's main would: 0, 1 or 77; or -1. */
#define RESULT_IN_CHILD(test) check_in_child(#test, test)
int check_in_child(const char *name, void (*test)(void));

#endif
