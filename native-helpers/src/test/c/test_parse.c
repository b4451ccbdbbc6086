#include "check.h"
#include "parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TEXT(literal) ((struct span){literal, sizeof(literal) - 1})
#define AFTER_COMM " 1 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 144010 1658880 1"

static void a_command_may_hold_parentheses_blanks_and_newlines(void)
{
    struct stat_fields stat;
    CHECK_NUMBER(parse_stat(TEXT("7 (a) R 2 (b\n) c) S" AFTER_COMM "\n"), &stat), 0);
    CHECK_BYTES(stat.comm.start, stat.comm.length, "a) R 2 (b\n) c", 13);
    CHECK_NUMBER(stat.state, 'S');
    CHECK_NUMBER(stat.ppid, 1);
    CHECK_NUMBER(stat.task_flags, 4194560);
    CHECK_NUMBER(stat.threads, 3);
    CHECK_NUMBER(stat.start_time, 144010);
}

static void an_empty_command_is_one(void)
{
    struct stat_fields stat;
    CHECK_NUMBER(parse_stat(TEXT("7 () Z" AFTER_COMM), &stat), 0);
    CHECK_NUMBER(stat.comm.length, 0);
}

static void a_stat_that_is_none_leaves_the_result_alone(void)
{
    static const struct span bad[] = {
            TEXT(""),
            TEXT("\n"),
            TEXT("7"),
            TEXT("7 (a"),
            TEXT("7 a)"),
            TEXT(")("),
            TEXT("7 (a) S"),
            TEXT("7 (a)S 1 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 144010 1"),
            TEXT("7 (a) S 1 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0"),
            TEXT("7 (a) S 1 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 144"), /* cut inside the start time */
            TEXT("7 (a) S 1 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 144x 1"),
            TEXT("7 (a) S 1 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 -144 1"),
            TEXT("7 (a) S x 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 144 1"),
            TEXT("7 (a) S 2147483648 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 144 1"),
            TEXT("7 (a) S 1 7 7 0 -1 4294967296 218 0 0 0 0 1 0 0 20 0 3 0 144 1"),
            TEXT("7 (a) S 1 7 7 0 -1 1 218 0 0 0 0 1 0 0 20 0 3 0 9223372036854775808 1"),
            TEXT("7 (a) S 1 7 7 0 -1 1 218 0 0 0 0 1 0 0 20 0 2147483648 0 144 1"),
            TEXT("7 (a) S 1 7 7 0 -1 1 9223372036854775808 0 0 0 0 1 0 0 20 0 3 0 144 1"),
            TEXT("7 (a) S 1 7 7 0 -1 1 218 0 0 0 0 1 0 0 20 0 3 0 144\t1"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct stat_fields stat = {.start_time = 42};
        if (parse_stat(bad[i], &stat) != -EBADMSG) {
            printf("taken: '%s'\n", bad[i].start);
        }
        CHECK_NUMBER(parse_stat(bad[i], &stat), -EBADMSG);
        CHECK_NUMBER(stat.start_time, 42);
    }
}

static const char whole_status[] =
        "Name:\tUid:\\n7\nUmask:\t0022\nState:\tS (sleeping)\nPid:\t18378\nPPid:\t1\n"
        "Uid:\t0\t1\t2\t4294967294\nGid:\t5\t6\t7\t8\nFDSize:\t256\nGroups:\t4 24 4294967295 \nNStgid:\t18378\t9\t1\n"
        "NSpid:\t18378\t9\t1\nNSpgid:\t18378\nThreads:\t9\nSigQ:\t0/96365\nSigPnd:\t0000000000000000\n"
        "CapInh:\t0000000000000001\nCapPrm:\t000001fffeffffff\nCapEff:\t00000000a80425fb\n"
        "CapBnd:\tffffffffffffffff\nCapAmb:\t0000000000000400\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t11\n"
        "Speculation_Store_Bypass:\tvulnerable\nCpus_allowed:\t3\nvoluntary_ctxt_switches:\t20307\n";

static void every_line_of_status_that_is_compared_is_read(void)
{
    struct status_fields status;
    uint32_t numbers[4] = {0};
    CHECK_NUMBER(parse_status(TEXT(whole_status), &status), 0);
    CHECK_NUMBER(status.seen, 0x1fff);
    CHECK_NUMBER(status.uid[0], 0);
    CHECK_NUMBER(status.uid[1], 1);
    CHECK_NUMBER(status.uid[2], 2);
    CHECK_NUMBER(status.uid[3], 4294967294);
    CHECK_NUMBER(status.gid[0], 5);
    CHECK_NUMBER(status.gid[3], 8);
    CHECK_NUMBER(parse_numbers(status.groups, numbers, 4), 3);
    CHECK_NUMBER(numbers[0], 4);
    CHECK_NUMBER(numbers[2], 4294967295);
    CHECK_NUMBER(parse_numbers(status.nspid, numbers, 4), 3);
    CHECK_NUMBER(numbers[0], 18378);
    CHECK_NUMBER(numbers[2], 1);
    CHECK_NUMBER(status.threads, 9);
    CHECK(status.cap[NH_CAP_INHERITABLE] == 1);
    CHECK(status.cap[NH_CAP_PERMITTED] == 0x1fffeffffff);
    CHECK(status.cap[NH_CAP_EFFECTIVE] == 0xa80425fb);
    CHECK(status.cap[NH_CAP_BOUNDING] == UINT64_MAX);
    CHECK(status.cap[NH_CAP_AMBIENT] == 0x400);
    CHECK_NUMBER(status.no_new_privs, 1);
    CHECK_NUMBER(status.seccomp, 2);
    CHECK_NUMBER(status.seccomp_filters, 11);
}

static void a_line_that_the_kernel_does_not_have_is_not_seen(void)
{
    struct status_fields status;
    CHECK_NUMBER(parse_status(TEXT("Name:\told\nUid:\t1\t1\t1\t1\nCapEff:\t0000000000000000\n"), &status), 0);
    CHECK_NUMBER(status.seen, NH_SEEN_UID | NH_SEEN_CAP_EFF);
    CHECK_NUMBER(parse_status(TEXT("\n\n"), &status), 0);
    CHECK_NUMBER(status.seen, 0);
}

static void an_empty_list_of_groups_is_seen(void)
{
    struct status_fields status;
    CHECK_NUMBER(parse_status(TEXT("Groups:\t \nThreads:\t1\n"), &status), 0);
    CHECK_NUMBER(status.seen, NH_SEEN_GROUPS | NH_SEEN_THREADS);
    CHECK_NUMBER(parse_numbers(status.groups, NULL, 0), 0);
}

static void a_malformed_line_is_not_seen_and_reported(void)
{
    static const struct span bad[] = {
            TEXT("Uid:\t0\t0\t0\nThreads:\t1\n"),
            TEXT("Uid:\t0\t0\t0\t0\t0\nThreads:\t1\n"),
            TEXT("Uid:\t0\t0\t0\t-1\nThreads:\t1\n"),
            TEXT("Uid:\t0\t0\t0\t4294967296\nThreads:\t1\n"),
            TEXT("Uid:\nThreads:\t1\n"),
            TEXT("Groups:\t1 2 x\nThreads:\t1\n"),
            TEXT("Groups:\t1 2,3\nThreads:\t1\n"),
            TEXT("NSpid:\tself\nThreads:\t1\n"),
            TEXT("CapEff:\t0\nThreads:\t1\n"),
            TEXT("CapEff:\t00000000000000000\nThreads:\t1\n"),
            TEXT("CapEff:\t000001FFFEFFFFFF\nThreads:\t1\n"),
            TEXT("CapEff:\t\nThreads:\t1\n"),
            TEXT("NoNewPrivs:\t2\nThreads:\t1\n"),
            TEXT("NoNewPrivs:\tno\nThreads:\t1\n"),
            TEXT("Seccomp:\t256\nThreads:\t1\n"),
            TEXT("Seccomp_filters:\t1 1\nThreads:\t1\n"),
            TEXT("Seccomp_filters:\t2147483648\nThreads:\t1\n"),
            TEXT("NSpid:\t2147483648\nThreads:\t1\n"),
            TEXT("State:\t\nThreads:\t1\n"),
            TEXT("State:\tS (sleeping)\nThreads:\t1\nState:\tZ (zombie)\n"),
            TEXT("Threads:\t1\nCapBnd:\t000001fffeffffff"), /* cut: it might have gone on */
            TEXT("Threads:\t1\nVm"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct status_fields status;
        if (parse_status(bad[i], &status) != -EBADMSG) {
            printf("taken: '%s'\n", bad[i].start);
        }
        CHECK_NUMBER(parse_status(bad[i], &status), -EBADMSG);
        CHECK_NUMBER(status.seen, NH_SEEN_THREADS);
    }
}

static void a_line_that_is_there_twice_counts_as_neither(void)
{
    struct status_fields status;
    CHECK_NUMBER(parse_status(TEXT("Seccomp:\t2\nSeccomp:\t0\nSeccomp:\t2\nThreads:\t1\n"), &status), -EBADMSG);
    CHECK_NUMBER(status.seen, NH_SEEN_THREADS);
}

static void a_namespace_must_be_of_the_type_that_was_asked_for(void)
{
    static const struct span bad[] = {TEXT(""), TEXT("mnt"), TEXT("mnt:[]"), TEXT("mnt:[1"), TEXT("mnt:[1]x"),
            TEXT("net:[1]"), TEXT("mnt:[4294967296]"), TEXT("mnt:[-1]"), TEXT("/etc/passwd")};
    uint32_t inode = 42;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_NUMBER(parse_namespace(bad[i], "mnt", &inode), -EBADMSG);
        CHECK_NUMBER(inode, 42);
    }
    CHECK_NUMBER(parse_namespace(TEXT("mnt:[4294967295]"), "mnt", &inode), 0);
    CHECK_NUMBER(inode, 4294967295);
}

static void only_a_plain_number_is_a_pid(void)
{
    CHECK_NUMBER(parse_pid("1"), 1);
    CHECK_NUMBER(parse_pid("2147483647"), 2147483647);
    static const char *const bad[] = {
            "", "0", "01", "-1", "+1", " 1", "1 ", "2147483648", "99999999999999999999999", "self", "1x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_NUMBER(parse_pid(bad[i]), 0);
    }
}

int main(void)
{
    RUN(a_command_may_hold_parentheses_blanks_and_newlines);
    RUN(an_empty_command_is_one);
    RUN(a_stat_that_is_none_leaves_the_result_alone);
    RUN(every_line_of_status_that_is_compared_is_read);
    RUN(a_line_that_the_kernel_does_not_have_is_not_seen);
    RUN(an_empty_list_of_groups_is_seen);
    RUN(a_malformed_line_is_not_seen_and_reported);
    RUN(a_line_that_is_there_twice_counts_as_neither);
    RUN(a_namespace_must_be_of_the_type_that_was_asked_for);
    RUN(only_a_plain_number_is_a_pid);
    return check_result();
}
