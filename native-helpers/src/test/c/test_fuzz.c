/* Mutated files, the same ones in every run: whatever a tree holds, nothing is read or written out of bounds. */
#include "check.h"
#include "child.h"
#include "parse.h"
#include "scanned.h"
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 0x9e3779b97f4a7c15;

static uint32_t random_below(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % bound;
}

static const char stat_text[] = "7 (a) R (b) S 1 7 7 0 -1 4194560 218 0 0 0 0 1 0 0 20 0 3 0 144010 1658880 1\n";
static const char status_text[] =
        "Name:\tsh\nState:\tS (sleeping)\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t4 24 65534 \nNSpid:\t7\t1\n"
        "Threads:\t9\nCapInh:\t0000000000000000\nCapPrm:\t000001fffeffffff\nCapEff:\t00000000a80425fb\n"
        "CapBnd:\tffffffffffffffff\nCapAmb:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\nSeccomp_filters:\t1\n";
static const char namespace_text[] = "mnt:[4026531841]";

/* A copy of just its own size, with one to eight mutations: cut, repeated, replaced, or with bytes that parsers love.
 */
static char *mutate(const char *text, size_t length, size_t *ret_length)
{
    static const char loved[] = "\n\t :()[]-09afx\0\xff";
    char *bytes = malloc(2 * length + 16);
    memcpy(bytes, text, length);
    for (uint32_t left = 1 + random_below(8); left > 0; left--) {
        size_t at = length == 0 ? 0 : random_below((uint32_t)length);
        size_t run = length == 0 ? 0 : random_below((uint32_t)(length - at)) % 32;
        switch (random_below(5)) {
        case 0: length = at; break;
        case 1:
            if (length + run <= 2 * strlen(text) + 15) {
                memmove(bytes + at + run, bytes + at, length - at);
                length += run;
            }
            break;
        case 2:
            memmove(bytes + at, bytes + at + run, length - at - run);
            length -= run;
            break;
        case 3:
            bytes[at] = loved[random_below(sizeof loved - 1)];
            length += length == 0;
            break;
        default:
            bytes[at] = (char)random_below(256);
            length += length == 0;
            break;
        }
    }
    char *exact = malloc(length == 0 ? 1 : length);
    memcpy(exact, bytes, length);
    free(bytes);
    *ret_length = length;
    return exact;
}

static bool is_inside(struct span part, const char *start, size_t length)
{
    return part.length == 0 || (part.start >= start && part.start + part.length <= start + length);
}

static void parsers_stay_inside_of_their_text(void)
{
    int good[3] = {0};
    for (int i = 0; i < 100000; i++) {
        size_t length;
        struct stat_fields stat;
        struct status_fields status;
        uint32_t inode;
        char *text = mutate(stat_text, sizeof stat_text - 1, &length);
        int result = parse_stat((struct span){text, length}, &stat);
        CHECK(result == 0 || result == -EBADMSG);
        CHECK(result < 0 || is_inside(stat.comm, text, length));
        good[0] += result == 0;
        free(text);
        text = mutate(status_text, sizeof status_text - 1, &length);
        result = parse_status((struct span){text, length}, &status);
        CHECK(result == 0 || result == -EBADMSG);
        CHECK(is_inside(status.groups, text, length) && is_inside(status.nspid, text, length));
        CHECK(parse_numbers(status.groups, NULL, 0) >= 0 && parse_numbers(status.nspid, NULL, 0) >= 0);
        good[1] += result == 0;
        free(text);
        text = mutate(namespace_text, sizeof namespace_text - 1, &length);
        result = parse_namespace((struct span){text, length}, "mnt", &inode);
        CHECK(result == 0 || result == -EBADMSG);
        good[2] += result == 0;
        free(text);
    }
    CHECK(good[0] > 100 && good[1] > 100 && good[2] > 100); /* else the mutations are too wild to reach far */
}

static void scans_of_mutated_trees_are_sound(void)
{
    static const char *const files[][2] = {{"7/stat", stat_text}, {"7/status", status_text}, {"8/stat", stat_text},
            {"8/status", status_text}, {"8/task/9/status", status_text}, {"8/task/10/status", status_text},
            {"8/cgroup", "0::/a\n"}, {"8/cmdline", "sh"}, {"7/attr/current", "x (enforce)\n"}};
    char *root = tree_new();
    tree_process(root, 7, "sh", 1);
    tree_directory(root, "8/task/8");
    int64_t handle = nh_open(root, 16, 0);
    for (int i = 0; i < 300; i++) {
        for (size_t file = 0; file < sizeof files / sizeof *files; file++) {
            size_t length;
            char *text = mutate(files[file][1], strlen(files[file][1]), &length);
            tree_bytes(root, files[file][0], text, length);
            free(text);
        }
        struct scanned scanned = scan_all(handle, (i % 2 == 0 ? NH_DELTA : NH_FULL) | NH_WITH_THREADS);
        CHECK(scanned_is_sound(&scanned));
        CHECK_NUMBER(scanned.header.total, 2);
        scanned_free(&scanned);
    }
    nh_close(handle);
    tree_remove(root);
}

int main(void)
{
    RUN(parsers_stay_inside_of_their_text);
    RUN(scans_of_mutated_trees_are_sound);
    return check_result();
}
