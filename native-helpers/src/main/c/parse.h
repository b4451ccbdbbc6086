/*
 * The text of stat, status and namespace links into numbers, see proc(5). Pure: no descriptors, no memory of their own.
 */
#ifndef PARSE_H
#define PARSE_H

#include "plumbline.h"

#include <stddef.h>
#include <stdint.h>

/* Some bytes of somebody else's text. */
struct span {
    const char *start;
    size_t length;
};

struct stat_fields {
    struct span comm;
    uint64_t start_time;
    int32_t ppid;
    uint32_t task_flags;
    uint32_t threads;
    uint8_t state;
};

struct status_fields {
    uint32_t seen; /* NH_SEEN_* */
    uint32_t uid[4];
    uint32_t gid[4];
    uint64_t cap[NH_CAP_COUNT];
    uint32_t threads;
    uint32_t seccomp_filters;
    uint8_t state; /* 0 if there is no State line: it has no bit in seen, stat tells it too */
    uint8_t no_new_privs;
    uint8_t seccomp;
    struct span groups; /* what parse_numbers reads */
    struct span nspid;
};

/*
 * /proc/PID/stat. The command stands between the first '(' and the last ')' of the file, because it may hold both, and
 * newlines. Returns 0, or -EBADMSG and leaves *ret alone.
 */
int parse_stat(struct span text, struct stat_fields *ret);

/*
 * /proc/PID/status. Lines that are missing are missing in ret->seen. Returns 0, or -EBADMSG if a line that we know is
 * malformed or there twice, or the file is cut: ret->seen then names the good ones.
 */
int parse_status(struct span text, struct status_fields *ret);

/*
 * Unsigned decimal numbers between blanks. Writes up to capacity of them to *out (which may be NULL, to count). Returns
 * how many there are, or -EBADMSG if there is anything else, or one beyond 32 bits.
 */
long parse_numbers(struct span text, uint32_t *out, size_t capacity);

/* "mnt:[4026531841]" for the type "mnt". Returns 0, or -EBADMSG. */
int parse_namespace(struct span text, const char *type, uint32_t *ret_inode);

/* A process's or thread's directory name. Returns its number, or 0 for any other name. */
int32_t parse_pid(const char *name);

#endif
